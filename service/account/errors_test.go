package account_test

import (
	"errors"
	"strings"
	"testing"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	service "github.com/bailiwick/bailiwick/service/account"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// with returns a contact with one change.
func with(change func(c *accountapi.ContactInformation)) *accountapi.PutContactInformationInput {
	c := contact()
	change(c)
	return &accountapi.PutContactInformationInput{ContactInformation: c}
}

// Inputs that break a rule, with the fields and the reason that the client is told.
func TestValidation(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.must(f.as(management), &accountapi.EnableRegionInput{RegionName: ptr("me-south-1")})
	for _, c := range []struct {
		name   string
		in     smithy.Shape
		reason string
		fields []string
	}{
		{"no contact", &accountapi.PutContactInformationInput{}, "fieldValidationFailed", []string{"contactInformation"}},
		{
			"several members", with(func(c *accountapi.ContactInformation) { c.FullName, c.City = nil, ptr("") }),
			"fieldValidationFailed",
			[]string{"contactInformation.city", "contactInformation.fullName"},
		},
		{
			"a telephone without plus", with(func(c *accountapi.ContactInformation) { c.PhoneNumber = ptr("0900") }),
			"fieldValidationFailed",
			[]string{"contactInformation.phoneNumber"},
		},
		{
			"no country", with(func(c *accountapi.ContactInformation) { c.CountryCode = ptr("XX") }),
			"fieldValidationFailed",
			[]string{"contactInformation.countryCode"},
		},
		{
			"a country in lower case", with(func(c *accountapi.ContactInformation) { c.CountryCode = ptr("us") }),
			"fieldValidationFailed",
			[]string{"contactInformation.countryCode"},
		},
		{
			"across two countries", with(func(c *accountapi.ContactInformation) { c.CountryCode = ptr("D ") }),
			"fieldValidationFailed",
			[]string{"contactInformation.countryCode"},
		},
		{
			"no state where one is needed", with(func(c *accountapi.ContactInformation) { c.StateOrRegion = nil }),
			"fieldValidationFailed",
			[]string{"contactInformation.stateOrRegion"},
		},
		{"an account id", &accountapi.GetContactInformationInput{AccountId: ptr("12345")}, "fieldValidationFailed", []string{"accountId"}},
		{
			"a contact type", &accountapi.GetAlternateContactInput{AlternateContactType: ptr("OWNER")},
			"fieldValidationFailed",
			[]string{"alternateContactType"},
		},
		{"an e-mail address", &accountapi.PutAlternateContactInput{
			AlternateContactType: ptr("BILLING"), EmailAddress: ptr("nobody"), Name: ptr("n"), PhoneNumber: ptr("1"), Title: ptr("t"),
		}, "fieldValidationFailed", []string{"emailAddress"}},
		{"a name", &accountapi.PutAccountNameInput{AccountName: ptr("<b>")}, "fieldValidationFailed", []string{"accountName"}},
		{"no Region", &accountapi.GetRegionOptStatusInput{RegionName: ptr("mars-north-1")}, "fieldValidationFailed", []string{"regionName"}},
		{"enable no Region", &accountapi.EnableRegionInput{RegionName: ptr("mars-north-1")}, "fieldValidationFailed", []string{"regionName"}},
		{"enable a default Region", &accountapi.EnableRegionInput{RegionName: ptr("us-east-1")}, "invalidRegionOptTarget", []string{"regionName"}},
		{"disable a default Region", &accountapi.DisableRegionInput{RegionName: ptr("us-east-1")}, "invalidRegionOptTarget", []string{"regionName"}},
		{"enable an enabled Region", &accountapi.EnableRegionInput{RegionName: ptr("me-south-1")}, "invalidRegionOptTarget", []string{"regionName"}},
		{"disable a disabled Region", &accountapi.DisableRegionInput{RegionName: ptr("af-south-1")}, "invalidRegionOptTarget", []string{"regionName"}},
		{"a page of nothing", &accountapi.ListRegionsInput{MaxResults: ptr(int32(0))}, "fieldValidationFailed", []string{"maxResults"}},
		{"a token that is none", &accountapi.ListRegionsInput{NextToken: ptr("!")}, "fieldValidationFailed", []string{"nextToken"}},
		{"a token of something else", &accountapi.ListRegionsInput{NextToken: ptr("YWJj")}, "fieldValidationFailed", []string{"nextToken"}},
		{"bytes that cannot be kept", with(func(c *accountapi.ContactInformation) { c.City = ptr("a\x00b") }), "fieldValidationFailed", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := f.do(f.as(management), c.in)
			var got *accountapi.ValidationException
			if !errors.As(err, &got) {
				t.Fatalf("error = %v", err)
			}
			var fields []string
			for _, field := range got.FieldList {
				fields = append(fields, *field.Name)
				if *field.Message == "" {
					t.Errorf("%s has no message", *field.Name)
				}
			}
			equal(t, "reason", *got.Reason, c.reason)
			equal(t, "fields", fields, c.fields)
			if *got.Message == "" {
				t.Error("no message")
			}
		})
	}
}

// Countries without states need none; the rest of the address is free.
func TestOtherCountries(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for _, country := range []string{"AD", "CH", "FR", "ZW"} {
		f.must(f.as(management), with(func(c *accountapi.ContactInformation) { c.CountryCode, c.StateOrRegion = &country, nil }))
	}
}

func TestNotFound(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.trust(true, false)
	const noContact = "No contact of the inputted alternate contact type found."
	for _, id := range []*string{nil, &f.member} {
		for in, message := range map[smithy.Shape]string{
			&accountapi.GetContactInformationInput{AccountId: id}:                                           "No contact information found.",
			&accountapi.GetAlternateContactInput{AccountId: id, AlternateContactType: ptr("SECURITY")}:      noContact,
			&accountapi.DeleteAlternateContactInput{AccountId: id, AlternateContactType: ptr("OPERATIONS")}: noContact,
		} {
			_, err := f.do(f.as(management), in)
			refused(t, err, "ResourceNotFoundException", message)
		}
	}
}

func TestInternal(t *testing.T) {
	err := service.Internal("req-1")
	var got *accountapi.InternalServerException
	if !errors.As(err, &got) || !strings.Contains(*got.Message, "req-1") {
		t.Errorf("internal failure = %v", err)
	}
	// What only the store knows stays unnamed: the wire layer answers Internal and logs it.
	f := newFixture(t, storetest.Memory())
	if err := f.DB.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = f.do(f.as(management), &accountapi.ListRegionsInput{})
	var modeled smithy.ModeledError
	if err == nil || errors.As(err, &modeled) {
		t.Errorf("error of a closed store = %v", err)
	}
}
