// Command keda-parameters prints, as a JSON object, the Go type of every parameter that KEDA's scalers read. Its arguments are
// Go files of KEDA. A parameter is a struct field with a tag such as `keda:"name=lagThreshold;threshold,order=..."`.
package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"strconv"
	"strings"
)

func main() {
	parameters := map[string]string{}
	for _, path := range os.Args[1:] {
		if err := addParameters(parameters, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(parameters); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func addParameters(parameters map[string]string, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if field, ok := node.(*ast.Field); ok {
			for _, name := range parameterNames(field) {
				parameters[name] = types.ExprString(field.Type)
			}
		}
		return true
	})
	return nil
}

// parameterNames returns the names in a field's keda tag, or none. KEDA separates names with semicolons and options with commas.
func parameterNames(field *ast.Field) []string {
	if field.Tag == nil {
		return nil
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return nil
	}
	for option := range strings.SplitSeq(reflect.StructTag(tag).Get("keda"), ",") {
		if names, found := strings.CutPrefix(strings.TrimSpace(option), "name="); found {
			list := strings.Split(names, ";")
			for index := range list {
				list[index] = strings.TrimSpace(list[index])
			}
			return list
		}
	}
	return nil
}
