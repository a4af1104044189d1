package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// result is what came of a load, by operation.
type result struct {
	took time.Duration
	// mixed results have a sum that means something.
	mixed      bool
	operations map[string]*operation
}

type operation struct {
	times  histogram
	errors map[string]int64
}

func newResult() result { return result{operations: map[string]*operation{}} }

func (r *result) of(name string) *operation {
	o, ok := r.operations[name]
	if !ok {
		o = &operation{errors: map[string]int64{}}
		r.operations[name] = o
	}
	return o
}

// note counts an error.
func (r *result) note(name, code string) { r.of(name).errors[code]++ }

func (r *result) add(o *result) {
	for name, from := range o.operations {
		to := r.of(name)
		to.times.add(&from.times)
		for code, n := range from.errors {
			to.errors[code] += n
		}
	}
}

// all joins the operations.
func (r *result) all() *operation {
	sum := &operation{errors: map[string]int64{}}
	for _, o := range r.operations {
		sum.times.add(&o.times)
		for code, n := range o.errors {
			sum.errors[code] += n
		}
	}
	return sum
}

// failed is an error if any request failed.
func (r *result) failed() error {
	var n int64
	for _, count := range r.all().errors {
		n += count
	}
	if n > 0 {
		return fmt.Errorf("%d requests failed", n)
	}
	return nil
}

func (r *result) print(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "operation\trequests\tper second\tp50 ms\tp90 ms\tp99 ms\tmax ms\terrors\t")
	for _, name := range slices.Sorted(maps.Keys(r.operations)) {
		r.row(t, name, r.operations[name])
	}
	if r.mixed {
		r.row(t, "all", r.all())
	}
	_ = t.Flush() // the terminal is all that can fail here
	for _, name := range slices.Sorted(maps.Keys(r.operations)) {
		for _, code := range slices.Sorted(maps.Keys(r.operations[name].errors)) {
			fmt.Fprintf(w, "  %s: %d times %s\n", name, r.operations[name].errors[code], code)
		}
	}
}

func (r *result) row(w io.Writer, name string, o *operation) {
	var failures int64
	for _, n := range o.errors {
		failures += n
	}
	h := &o.times
	fmt.Fprintf(w, "%s\t%d\t%.0f\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t\n", name, h.count, float64(h.count)/r.took.Seconds(),
		milli(h.quantile(0.5)), milli(h.quantile(0.9)), milli(h.quantile(0.99)), milli(h.max), failures)
}

func milli(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
