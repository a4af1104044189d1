package account_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/bailiwick/bailiwick/smithy"
)

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %s, want %s", what, show(got), show(want))
	}
}

// show prints what pointers point to.
func show(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func sameSet(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

// only drops the output of a call.
func only[O any](_ O, err error) error { return err }

// or is the value, or instead if there is none.
func or(v *string, instead string) string {
	if v == nil {
		return instead
	}
	return *v
}

// refused checks the code and the message that a client sees.
func refused(t *testing.T, err error, code, message string) {
	t.Helper()
	var modeled smithy.ModeledError
	if !errors.As(err, &modeled) {
		t.Errorf("error = %v, want %s", err, code)
		return
	}
	name := modeled.Schema().Error.Code
	if got := modeled.Error()[len(name)+len(": "):]; name != code || got != message {
		t.Errorf("error = %s: %s\n want %s: %s", name, got, code, message)
	}
}
