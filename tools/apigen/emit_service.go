package main

import (
	"fmt"
	"strings"
)

// service writes the interface, its empty implementation, the handler and the table of
// operations.
func (w *writer) service() string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Service is what an implementation of %s offers: one method per operation.\ntype Service interface {\n", text(w.meta, "serviceFullName"))
	for _, op := range w.operations {
		fmt.Fprintf(&b, "%s(ctx context.Context, in *%sInput) (*%sOutput, error)\n", op.name, op.name, op.name)
	}
	b.WriteString("}\n\n")
	b.WriteString("// Unimplemented answers every operation with [*smithy.NotImplementedError]. Implementations\n// embed it, so that what they do not build yet says so.\ntype Unimplemented struct{}\n\nvar _ Service = Unimplemented{}\n\n")
	for _, op := range w.operations {
		fmt.Fprintf(&b, "// %s is not implemented.\nfunc (Unimplemented) %s(context.Context, *%sInput) (*%sOutput, error) {\nreturn nil, notImplemented(%q)\n}\n\n", op.name, op.name, op.name, op.name, op.name)
	}
	fmt.Fprintf(&b, "func notImplemented(operation string) error {\nreturn &smithy.NotImplementedError{Service: %q, Operation: operation}\n}\n\n", w.pkg)
	b.WriteString("// Handler makes s callable through the table of operations.\nfunc Handler(s Service) smithy.Handler {\nreturn smithy.Handler{\nService: Describe(),\nInvoke: func(ctx context.Context, op *smithy.Operation, in smithy.Shape) (smithy.Shape, error) {\nreturn invoke(ctx, s, op, in)\n},\n}\n}\n\n")
	b.WriteString("func invoke(ctx context.Context, s Service, op *smithy.Operation, in smithy.Shape) (smithy.Shape, error) {\nswitch op.Index {\n")
	for i, op := range w.operations {
		fmt.Fprintf(&b, "case %d:\nreturn result(s.%s(ctx, in.(*%sInput)))\n", i, op.name, op.name)
	}
	b.WriteString("}\nreturn nil, notImplemented(op.Name)\n}\n\n")
	b.WriteString("// result keeps the nil output of a failed call from becoming a shape that is not nil.\nfunc result[O smithy.Shape](out O, err error) (smithy.Shape, error) {\nif err != nil {\nreturn nil, err\n}\nreturn out, nil\n}\n\n")
	w.description(&b)
	return w.file(b.String())
}

func (w *writer) description(b *strings.Builder) {
	b.WriteString("// Describe returns the description of the service. It must not be changed.\nfunc Describe() *smithy.Service { return &Description }\n\n")
	signing := text(w.meta, "signingName")
	if signing == "" {
		signing = text(w.meta, "endpointPrefix")
	}
	b.WriteString("// Description is the description of the service. It must not be changed.\nvar Description = smithy.Service{\n")
	for _, f := range []struct{ name, value string }{
		{"ID", w.pkg},
		{"Name", text(w.meta, "serviceFullName")},
		{"SigningName", signing},
		{"EndpointPrefix", text(w.meta, "endpointPrefix")},
		{"Protocol", ""},
		{"APIVersion", text(w.meta, "apiVersion")},
		{"TargetPrefix", text(w.meta, "targetPrefix")},
		{"XMLNamespace", text(w.meta, "xmlNamespace")},
	} {
		switch {
		case f.name == "Protocol":
			fmt.Fprintf(b, "Protocol: smithy.%s,\n", w.protocol)
		case f.value != "":
			fmt.Fprintf(b, "%s: %q,\n", f.name, f.value)
		}
	}
	b.WriteString("Operations: []smithy.Operation{\n")
	for i, op := range w.operations {
		w.operation(b, i, op)
	}
	b.WriteString("},\n}\n")
}

func (w *writer) operation(b *strings.Builder, index int, op *operation) {
	fmt.Fprintf(b, "{\nName: %q,\n", op.name)
	if index > 0 {
		fmt.Fprintf(b, "Index: %d,\n", index)
	}
	fmt.Fprintf(b, "Method: %q, URI: %q, Status: %d,\n", op.method, op.uri, op.status)
	if op.resultWrapper != "" {
		fmt.Fprintf(b, "ResultWrapper: %q,\n", op.resultWrapper)
	}
	if op.input != nil {
		fmt.Fprintf(b, "Input: &schema%sInput,\n", op.name)
	}
	if op.output != nil {
		fmt.Fprintf(b, "Output: &schema%sOutput,\n", op.name)
	}
	if len(op.errors) > 0 {
		b.WriteString("Errors: []*smithy.Schema{\n")
		for _, e := range op.errors {
			fmt.Fprintf(b, "&schema%s,\n", w.ident[e])
		}
		b.WriteString("},\n")
	}
	if op.unsigned {
		b.WriteString("Unsigned: true,\n")
	}
	fmt.Fprintf(b, "NewInput: func() smithy.Shape { return new(%sInput) },\n},\n", op.name)
}
