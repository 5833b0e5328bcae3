module github.com/unity-purchase/unity-purchase-system/tests/kubernetes/go/source-outline

go 1.26.6
