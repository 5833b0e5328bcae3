// Command source-outline prints facts about Go files as JSON: the struct fields with a tag of a given key, the string literals
// and the functions that are called. Tests compare manifests with them.
//
//	source-outline -tag keda kafka_scaler.go
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"reflect"
	"strconv"
)

// Outline holds the facts about all files.
type Outline struct {
	// Fields are the struct fields that have the tag.
	Fields []Field `json:"fields"`
	// Strings are the values of all string literals.
	Strings []string `json:"strings"`
	// Calls are the called functions as the source names them, such as pubsub.Concurrency.
	Calls []string `json:"calls"`
}

// Field is a struct field: the value of its tag, and its type as the source names it.
type Field struct {
	Tag  string `json:"tag"`
	Type string `json:"type"`
}

func main() {
	key := flag.String("tag", "", "the key of the struct tags to print")
	flag.Parse()
	outline := Outline{Fields: []Field{}, Strings: []string{}, Calls: []string{}}
	for _, path := range flag.Args() {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			exit(err)
		}
		ast.Inspect(file, func(node ast.Node) bool {
			outline.add(node, *key)
			return true
		})
	}
	if err := json.NewEncoder(os.Stdout).Encode(outline); err != nil {
		exit(err)
	}
}

func exit(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (outline *Outline) add(node ast.Node, key string) {
	switch node := node.(type) {
	case *ast.Field:
		if tag, found := tagOf(node, key); found {
			outline.Fields = append(outline.Fields, Field{tag, types.ExprString(node.Type)})
		}
	case *ast.BasicLit:
		if text, err := strconv.Unquote(node.Value); err == nil && node.Kind == token.STRING {
			outline.Strings = append(outline.Strings, text)
		}
	case *ast.CallExpr:
		outline.Calls = append(outline.Calls, types.ExprString(node.Fun))
	}
}

func tagOf(field *ast.Field, key string) (string, bool) {
	if field.Tag == nil {
		return "", false
	}
	tag, err := strconv.Unquote(field.Tag.Value)
	if err != nil {
		return "", false
	}
	return reflect.StructTag(tag).Lookup(key)
}
