package policy

import (
	"encoding/base64"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// number is a numeric condition value. Whole numbers are compared exactly.
type number struct {
	whole bool
	i     int64
	f     float64
}

func parseNumber(s string) (number, bool) {
	s = strings.TrimSpace(s)
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return number{whole: true, i: i, f: float64(i)}, true
	}
	if s == "" || strings.Trim(s, "+-.0123456789eE") != "" {
		return number{}, false // no hexadecimal, no underscores, no words
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return number{}, false
	}
	return number{f: f}, true
}

func (n number) cmp(m number) int {
	if n.whole && m.whole {
		switch {
		case n.i < m.i:
			return -1
		case n.i > m.i:
			return 1
		}
		return 0
	}
	switch {
	case n.f < m.f:
		return -1
	case n.f > m.f:
		return 1
	}
	return 0
}

// dateLayouts are the W3C profiles of ISO 8601 that AWS names for dates.
var dateLayouts = [...]string{
	"2006-01-02T15:04:05Z07:00",
	"2006-01-02T15:04Z07:00",
	"2006-01-02",
	"2006-01",
}

// parseDate reads an ISO 8601 date or seconds since 1970. Four digits are a year.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if len(s) == 4 {
		t, err := time.Parse("2006", s)
		return t, err == nil
	}
	if strings.IndexByte(s, '-') <= 0 {
		sec, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(sec, 0), err == nil
	}
	layout := dateLayouts[0]
	switch {
	case len(s) == len("2006-01-02"):
		layout = dateLayouts[2]
	case len(s) == len("2006-01"):
		layout = dateLayouts[3]
	case len(s) > 16 && s[16] != ':':
		layout = dateLayouts[1]
	}
	t, err := time.Parse(layout, s)
	return t, err == nil
}

func parseBool(s string) (value, ok bool) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, true
	case strings.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

// parsePrefix reads a CIDR block or a single address. An IPv4 block matches IPv4
// addresses only, and bits behind the prefix length do not matter. An IPv4 address
// written as IPv6 (::ffff:192.0.2.1) is that IPv4 address.
func parsePrefix(s string) (netip.Prefix, bool) {
	if strings.IndexByte(s, '/') < 0 {
		a, ok := parseAddr(s)
		if !ok {
			return netip.Prefix{}, false
		}
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if a := p.Addr(); a.Is4In6() {
		// Addresses are unmapped before they are compared, so blocks have to be too.
		const mapped = 96
		if p.Bits() < mapped {
			return netip.Prefix{}, false
		}
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-mapped)
	}
	return p.Masked(), true
}

func parseAddr(s string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Addr{}, false
	}
	return a.Unmap(), true
}

// validBinary reports whether a text is base64 in its one canonical spelling, so that
// texts can be compared in place of bytes.
func validBinary(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}
