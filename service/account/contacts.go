package account

import (
	"context"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// GetContactInformation returns the primary contact.
func (s *Service) GetContactInformation(ctx context.Context, in *accountapi.GetContactInformationInput) (*accountapi.GetContactInformationOutput, error) {
	c := call{"GetContactInformation", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetContactInformationOutput, error) {
		contact, err := account.GetContact(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		status, err := account.PhoneStatus(ctx, tx, id, contact.PhoneNumber)
		if err != nil {
			return nil, err
		}
		return &accountapi.GetContactInformationOutput{ContactInformation: packContact(contact), VerificationStatus: &status}, nil
	})
}

// PutContactInformation replaces the primary contact as a whole.
func (s *Service) PutContactInformation(ctx context.Context, in *accountapi.PutContactInformationInput) (*accountapi.PutContactInformationOutput, error) {
	c := call{"PutContactInformation", in.AccountId}
	return change[accountapi.PutContactInformationOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return account.PutContact(ctx, tx, id, unpackContact(in.ContactInformation))
	})
}

func packContact(c account.Contact) *accountapi.ContactInformation {
	return &accountapi.ContactInformation{
		FullName: smithy.PtrTo(c.FullName), CompanyName: smithy.PtrTo(c.CompanyName),
		AddressLine1: smithy.PtrTo(c.AddressLine1), AddressLine2: smithy.PtrTo(c.AddressLine2), AddressLine3: smithy.PtrTo(c.AddressLine3),
		City: smithy.PtrTo(c.City), DistrictOrCounty: smithy.PtrTo(c.DistrictOrCounty), StateOrRegion: smithy.PtrTo(c.StateOrRegion),
		PostalCode: smithy.PtrTo(c.PostalCode), CountryCode: smithy.PtrTo(c.CountryCode),
		PhoneNumber: smithy.PtrTo(c.PhoneNumber), WebsiteUrl: smithy.PtrTo(c.WebsiteURL),
	}
}

func unpackContact(in *accountapi.ContactInformation) account.Contact {
	return account.Contact{
		FullName: smithy.Value(in.FullName), CompanyName: smithy.Value(in.CompanyName),
		AddressLine1: smithy.Value(in.AddressLine1), AddressLine2: smithy.Value(in.AddressLine2), AddressLine3: smithy.Value(in.AddressLine3),
		City: smithy.Value(in.City), DistrictOrCounty: smithy.Value(in.DistrictOrCounty), StateOrRegion: smithy.Value(in.StateOrRegion),
		PostalCode: smithy.Value(in.PostalCode), CountryCode: smithy.Value(in.CountryCode),
		PhoneNumber: smithy.Value(in.PhoneNumber), WebsiteURL: smithy.Value(in.WebsiteUrl),
	}
}

// GetAlternateContact returns the contact of a type.
func (s *Service) GetAlternateContact(ctx context.Context, in *accountapi.GetAlternateContactInput) (*accountapi.GetAlternateContactOutput, error) {
	c := call{"GetAlternateContact", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetAlternateContactOutput, error) {
		contact, err := account.GetAlternateContact(ctx, tx, id, smithy.Value(in.AlternateContactType))
		if err != nil {
			return nil, err
		}
		return &accountapi.GetAlternateContactOutput{AlternateContact: &accountapi.AlternateContact{
			AlternateContactType: smithy.Ptr(contact.Type), EmailAddress: smithy.Ptr(contact.EmailAddress),
			Name: smithy.Ptr(contact.Name), PhoneNumber: smithy.Ptr(contact.PhoneNumber), Title: smithy.Ptr(contact.Title),
		}}, nil
	})
}

// PutAlternateContact adds or replaces the contact of a type.
func (s *Service) PutAlternateContact(ctx context.Context, in *accountapi.PutAlternateContactInput) (*accountapi.PutAlternateContactOutput, error) {
	c := call{"PutAlternateContact", in.AccountId}
	return change[accountapi.PutAlternateContactOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return account.PutAlternateContact(ctx, tx, id, account.AlternateContact{
			Type: smithy.Value(in.AlternateContactType), EmailAddress: smithy.Value(in.EmailAddress),
			Name: smithy.Value(in.Name), PhoneNumber: smithy.Value(in.PhoneNumber), Title: smithy.Value(in.Title),
		})
	})
}

// DeleteAlternateContact removes the contact of a type.
func (s *Service) DeleteAlternateContact(ctx context.Context, in *accountapi.DeleteAlternateContactInput) (*accountapi.DeleteAlternateContactOutput, error) {
	c := call{"DeleteAlternateContact", in.AccountId}
	return change[accountapi.DeleteAlternateContactOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return account.DeleteAlternateContact(ctx, tx, id, smithy.Value(in.AlternateContactType))
	})
}
