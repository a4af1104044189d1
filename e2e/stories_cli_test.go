package e2e

import (
	"strings"
	"testing"
)

// ok runs the aws CLI, which must succeed, and returns what it printed.
func (a as) ok(t testing.TB, args ...string) string {
	t.Helper()
	out, errs, ok := a.cli(args...)
	if !ok {
		t.Fatalf("aws %s: %s", strings.Join(args, " "), errs)
	}
	return out
}

// refused runs the aws CLI, which must fail with that error code, and returns its complaint.
func (a as) refused(t testing.TB, code string, args ...string) string {
	t.Helper()
	out, errs, ok := a.cli(args...)
	if ok || !strings.Contains(errs, "("+code+")") {
		t.Errorf("aws %s: printed %q, %q; want %s", strings.Join(args, " "), out, errs, code)
	}
	return errs
}
