package account

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestRegionsAreInOrder(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)
	if !slices.IsSortedFunc(regions, func(a, b region) int { return strings.Compare(a.name, b.name) }) {
		t.Error("not in ascending order of name")
	}
	for i, r := range regions {
		if i > 0 && r.name == regions[i-1].name || !form.MatchString(r.name) {
			t.Errorf("Region %q", r.name)
		}
		if _, err := time.Parse(time.DateOnly, r.launched); err != nil {
			t.Errorf("%s: %v", r.name, err)
		}
	}
}

func TestCountries(t *testing.T) {
	codes := strings.Fields(countries)
	if len(codes) != 249 || !slices.IsSorted(codes) || len(countries) != 3*len(codes) {
		t.Errorf("%d codes in %d bytes", len(codes), len(countries))
	}
	for i, code := range codes {
		if !validCountry(code) || i > 0 && code == codes[i-1] {
			t.Errorf("%s", code)
		}
	}
	for _, code := range []string{"", " ", "A", "DEU", "de", "XX", "ZZ", "E ", " A", "D A", "EU"} {
		if validCountry(code) {
			t.Errorf("%q is taken for a country", code)
		}
	}
	for _, code := range statesNeeded {
		if !validCountry(code) {
			t.Errorf("%s needs a state but is no country", code)
		}
	}
}
