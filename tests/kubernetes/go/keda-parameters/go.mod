module github.com/unity-purchase/unity-purchase-system/tests/kubernetes/go/keda-parameters

go 1.26.6
