package smithy_test

import (
	"errors"
	"math"
	"testing"

	"github.com/bailiwick/bailiwick/smithy"
)

// number is a decoder that has one number.
type number struct {
	smithy.ScalarDecoder
	v   int64
	err error
}

func (n number) Int(*smithy.Member) (int64, error) { return n.v, n.err }

func TestReadInt32(t *testing.T) {
	m := &smithy.Member{Name: "MaxResults"}
	for _, v := range []int64{0, -1, math.MaxInt32, math.MinInt32} {
		if got, err := smithy.ReadInt32(number{v: v}, m); err != nil || int64(*got) != v {
			t.Errorf("ReadInt32 of %d: %v, %v", v, got, err)
		}
	}
	for _, v := range []int64{math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64} {
		got, err := smithy.ReadInt32(number{v: v}, m)
		var bad *smithy.SerializationError
		if got != nil || !errors.As(err, &bad) || bad.Path != "MaxResults" {
			t.Errorf("ReadInt32 of %d: %v, %v", v, got, err)
		}
	}
}

func TestReadKeepsTheDecodersError(t *testing.T) {
	want := errors.New("no number")
	if got, err := smithy.ReadInt64(number{v: 7, err: want}, &smithy.Member{}); got != nil || !errors.Is(err, want) {
		t.Errorf("ReadInt64: %v, %v", got, err)
	}
}
