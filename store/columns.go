package store

import (
	"fmt"
	"time"
)

// Destinations for Scan of columns whose Go type differs from the stored one. Bool needs
// none: 0 and 1 scan into *bool.

// asTime scans a time that is never null: integer microseconds since 1970.
func asTime(dst *time.Time) *timeColumn { return &timeColumn{dst: dst} }

// asNullTime scans a time or null, which becomes nil.
func asNullTime(dst **time.Time) *nullTimeColumn { return &nullTimeColumn{dst: dst} }

// asText scans text or null, which becomes the empty string.
func asText(dst *string) *textColumn { return &textColumn{dst: dst} }

type timeColumn struct{ dst *time.Time }

// Scan implements sql.Scanner.
func (c *timeColumn) Scan(src any) error {
	t, err := columnTime(src)
	*c.dst = t
	return err
}

type nullTimeColumn struct{ dst **time.Time }

// Scan implements sql.Scanner.
func (c *nullTimeColumn) Scan(src any) error {
	*c.dst = nil
	if src == nil {
		return nil
	}
	t, err := columnTime(src)
	if err == nil {
		*c.dst = &t
	}
	return err
}

func columnTime(src any) (time.Time, error) {
	micros, ok := src.(int64)
	if !ok {
		return time.Time{}, fmt.Errorf("store: time column holds %T", src)
	}
	return time.UnixMicro(micros).UTC(), nil
}

type textColumn struct{ dst *string }

// Scan implements sql.Scanner.
func (c *textColumn) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c.dst = ""
	case string:
		*c.dst = v
	case []byte:
		*c.dst = string(v)
	default:
		return fmt.Errorf("store: text column holds %T", src)
	}
	return nil
}
