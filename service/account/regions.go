package account

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// pageSize is the most Regions of a page, and how many there are when the caller does not
// say (API reference, ListRegions).
const pageSize = 50

// ListRegions returns the Regions with their state in the account.
func (s *Service) ListRegions(ctx context.Context, in *accountapi.ListRegionsInput) (*accountapi.ListRegionsOutput, error) {
	c := call{"ListRegions", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.ListRegionsOutput, error) {
		page, err := page(in)
		if err != nil {
			return nil, err
		}
		regions, next, err := account.ListRegions(ctx, tx, id, in.RegionOptStatusContains, page)
		if err != nil {
			return nil, err
		}
		out := &accountapi.ListRegionsOutput{Regions: make([]accountapi.Region, len(regions)), NextToken: nextToken(next)}
		for i, r := range regions {
			out.Regions[i] = accountapi.Region{RegionName: smithy.Ptr(r.Name), RegionOptStatus: smithy.Ptr(r.State)}
		}
		return out, nil
	})
}

// tokenPrefix begins what a token of ListRegions holds.
const tokenPrefix = "regions\x00"

func page(in *accountapi.ListRegionsInput) (account.Page, error) {
	p := account.Page{Limit: pageSize}
	if n := smithy.Value(in.MaxResults); n > 0 {
		p.Limit = int(n)
	}
	if smithy.Value(in.NextToken) == "" {
		return p, nil // the model lets a client send none as an empty one
	}
	text, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
	after, found := strings.CutPrefix(string(text), tokenPrefix)
	if err != nil || !found {
		return p, &account.Error{
			Code: account.CodeInvalid, Reason: account.ReasonField, Field: "nextToken", Message: "The next token is not valid.",
		}
	}
	p.After = after
	return p, nil
}

func nextToken(after string) *string {
	if after == "" {
		return nil
	}
	return smithy.Ptr(base64.RawURLEncoding.EncodeToString([]byte(tokenPrefix + after)))
}

// GetRegionOptStatus returns the state of one Region in the account.
func (s *Service) GetRegionOptStatus(ctx context.Context, in *accountapi.GetRegionOptStatusInput) (*accountapi.GetRegionOptStatusOutput, error) {
	c := call{"GetRegionOptStatus", in.AccountId}
	return read(ctx, s, c, func(tx *store.Tx, id string) (*accountapi.GetRegionOptStatusOutput, error) {
		state, err := account.RegionStateOf(ctx, tx, id, smithy.Value(in.RegionName))
		if err != nil {
			return nil, err
		}
		return &accountapi.GetRegionOptStatusOutput{RegionName: in.RegionName, RegionOptStatus: smithy.Ptr(state)}, nil
	})
}

// EnableRegion opts the account into a Region.
func (s *Service) EnableRegion(ctx context.Context, in *accountapi.EnableRegionInput) (*accountapi.EnableRegionOutput, error) {
	c := call{"EnableRegion", in.AccountId}
	return change[accountapi.EnableRegionOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return account.EnableRegion(ctx, tx, s.Settings, id, smithy.Value(in.RegionName))
	})
}

// DisableRegion opts the account out of a Region.
func (s *Service) DisableRegion(ctx context.Context, in *accountapi.DisableRegionInput) (*accountapi.DisableRegionOutput, error) {
	c := call{"DisableRegion", in.AccountId}
	return change[accountapi.DisableRegionOutput](ctx, s, c, func(tx *store.Tx, id string) error {
		return account.DisableRegion(ctx, tx, s.Settings, id, smithy.Value(in.RegionName))
	})
}
