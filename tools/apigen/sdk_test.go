package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The service modules of aws-sdk-go-v2 that the product tests with are made from the same
// current models by another generator: what they know must be in api/, with the same type.

// ownFields are the fields of the SDK's structures that are none of the model's.
var ownFields = map[string]bool{"ResultMetadata": true, "ErrorCodeOverride": true, "noSmithyDocumentSerde": true}

// leftOut are fields of the model that our overlay drops: the protocol itself writes the
// header x-amzn-ErrorType.
var leftOut = map[string]bool{"ErrorType": true}

// TestOperationsOfTheGoSDKExist compares with the service modules of aws-sdk-go-v2 that the
// product tests with: their clients must not know an operation that api/ does not.
func TestOperationsOfTheGoSDKExist(t *testing.T) {
	method := regexp.MustCompile(`(?m)^func \(Unimplemented\) (\w+)\(`)
	for _, target := range targets {
		t.Run(target.pkg, func(t *testing.T) {
			service, err := os.ReadFile(filepath.Join(committed, target.pkg, "service.go"))
			if err != nil {
				t.Fatal(err)
			}
			var ours []string
			for _, match := range method.FindAllSubmatch(service, -1) {
				ours = append(ours, string(match[1]))
			}
			theirs := sdkOperations(t, "github.com/aws/aws-sdk-go-v2/service/"+target.pkg)
			if len(theirs) == 0 {
				t.Fatal("the module of the SDK has no operations")
			}
			for _, op := range theirs {
				if !slices.Contains(ours, op) {
					t.Errorf("%s is not in api/%s", op, target.pkg)
				}
			}
			t.Logf("%d operations, %d of them in the SDK", len(ours), len(theirs))
		})
	}
}

// sdkOperations lists the operations of a service module of the SDK.
func sdkOperations(t *testing.T, module string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(sdkFolder(t, module), "api_op_*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "api_op_"), ".go")
		if !strings.HasSuffix(name, "_test") {
			out = append(out, name)
		}
	}
	return out
}

func TestShapesAgreeWithTheGoSDK(t *testing.T) {
	for _, target := range targets {
		t.Run(target.pkg, func(t *testing.T) {
			module := sdkFolder(t, "github.com/aws/aws-sdk-go-v2/service/"+target.pkg)
			theirs := structsOf(t, filepath.Join(module, "api_op_*.go"), filepath.Join(module, "types", "types.go"), filepath.Join(module, "types", "errors.go"))
			ours := structsOf(t, filepath.Join(committed, target.pkg, "*.go"))
			fields := 0
			for name, want := range theirs {
				have, ok := ours[name]
				if !ok {
					// Options and paginators, and the members of unions, which are fields of ours.
					if strings.HasSuffix(name, "Input") || strings.HasSuffix(name, "Output") || strings.HasSuffix(name, "Exception") {
						t.Errorf("%s is not in api/%s", name, target.pkg)
					}
					continue
				}
				for field, typ := range want {
					if ownFields[field] || leftOut[field] && strings.HasSuffix(name, "Exception") {
						continue
					}
					fields++
					if got, ok := have[field]; !ok {
						t.Errorf("%s has no field %s %s", name, field, typ)
					} else if !sameType(got, typ) {
						t.Errorf("%s.%s is a %s and a %s in the SDK", name, field, got, typ)
					}
				}
			}
			if fields < 50 {
				t.Errorf("only %d fields were compared", fields)
			}
		})
	}
}

// sameType compares a type of ours with one of the SDK. There numbers and booleans with a
// default are no pointers, enumerations have types of their own, and floats may be short.
func sameType(ours, theirs string) bool {
	plain := func(s string) string {
		s = strings.ReplaceAll(s, "float32", "float64")
		return strings.TrimPrefix(strings.ReplaceAll(s, "types.", ""), "*")
	}
	o, t := plain(ours), plain(theirs)
	if o == t {
		return true
	}
	element := t[strings.LastIndexAny(t, "]")+1:]
	return ast.IsExported(element) && o == strings.TrimSuffix(t, element)+"string"
}

// structsOf parses the files and returns each structure's fields with their types.
func structsOf(t *testing.T, patterns ...string) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	set := token.NewFileSet()
	for _, pattern := range patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no files %s: %v", pattern, err)
		}
		for _, path := range paths {
			file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if spec, ok := n.(*ast.TypeSpec); ok {
					if s, ok := spec.Type.(*ast.StructType); ok {
						out[spec.Name.Name] = fieldsOf(t, set, s)
					}
				}
				return true
			})
		}
	}
	return out
}

func fieldsOf(t *testing.T, set *token.FileSet, s *ast.StructType) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, field := range s.Fields.List {
		var typ strings.Builder
		if err := printer.Fprint(&typ, set, field.Type); err != nil {
			t.Fatal(err)
		}
		for _, name := range field.Names {
			out[name.Name] = typ.String()
		}
	}
	return out
}

// sdkFolder is the folder of a service module at the version that the product requires.
func sdkFolder(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", module)
	cmd.Dir = "../.."
	text, err := run(cmd)
	if err != nil {
		t.Fatal(err)
	}
	var info struct{ Dir string }
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatal(err)
	}
	return info.Dir
}
