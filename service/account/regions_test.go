package account_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/account"
	accountapi "github.com/bailiwick/bailiwick/api/account"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// regions returns the account's Regions in pages of a size, all pages.
func (f *fixture) regions(accountID string, size int32, states ...string) (names []string, pages int) {
	f.t.Helper()
	in := &accountapi.ListRegionsInput{MaxResults: &size, RegionOptStatusContains: states}
	for {
		out := f.must(f.as(accountID), in).(*accountapi.ListRegionsOutput)
		for _, r := range out.Regions {
			names = append(names, *r.RegionName)
		}
		if pages++; out.NextToken == nil {
			return names, pages
		}
		if len(out.Regions) != int(size) {
			f.t.Errorf("a page of %d, not %d", len(out.Regions), size)
		}
		in.NextToken = out.NextToken
	}
}

func (f *fixture) state(accountID, region string) string {
	f.t.Helper()
	out := f.must(f.as(accountID), &accountapi.GetRegionOptStatusInput{RegionName: &region}).(*accountapi.GetRegionOptStatusOutput)
	equal(f.t, "name", *out.RegionName, region)
	return *out.RegionOptStatus
}

func TestListRegions(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	all, pages := f.regions(management, 50)
	if pages != 1 || len(all) != 34 || !slices.IsSorted(all) {
		t.Errorf("%d Regions in %d pages: %v", len(all), pages, all)
	}
	for _, size := range []int32{1, 10, 17, 33} {
		small, pages := f.regions(management, size)
		equal(t, "all Regions", small, all)
		equal(t, "pages", pages, (len(all)+int(size)-1)/int(size))
	}
	byDefault, _ := f.regions(management, 10, "ENABLED_BY_DEFAULT")
	equal(t, "Regions that need no opting in", byDefault, []string{
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
		"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
	})
	f.must(f.as(management), &accountapi.EnableRegionInput{RegionName: ptr("eu-south-1")})
	some, _ := f.regions(management, 50, "ENABLED", "ENABLED_BY_DEFAULT")
	if len(some) != len(byDefault)+1 || !slices.Contains(some, "eu-south-1") {
		t.Errorf("enabled Regions = %v", some)
	}
	equal(t, "the switch is the account's own", f.state(f.member, "eu-south-1"), "DISABLED")
	// A Region exists from its launch on.
	f.now = time.Date(2019, time.April, 23, 0, 0, 0, 0, time.UTC)
	before, _ := f.regions(management, 50)
	equal(t, "Regions before the first to opt into", before, byDefault)
	f.now = f.now.AddDate(0, 0, 1)
	after, _ := f.regions(management, 50, "DISABLED")
	equal(t, "the first to opt into", after, []string{"ap-east-1"})
}

// Each step of a switch that takes time, and what is refused in it.
func TestSwitch(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.Settings = account.Settings{SwitchTime: 10 * time.Minute}
	const region = "af-south-1"
	enable := func() error {
		_, err := f.do(f.as(management), &accountapi.EnableRegionInput{RegionName: ptr(region)})
		return err
	}
	disable := func() error {
		_, err := f.do(f.as(management), &accountapi.DisableRegionInput{RegionName: ptr(region)})
		return err
	}
	const already = "Unable to switch region status because of its current opt-in status."
	under := func(state string) string {
		return fmt.Sprintf("The Region %s is in the status %s. Try again when that has completed.", region, state)
	}
	for _, step := range []struct {
		after time.Duration
		state string
		do    func() error
		// code and message are of the error; empty if there is none.
		code, message string
	}{
		{0, "DISABLED", disable, "ValidationException", already},
		{0, "DISABLED", enable, "", ""},
		{0, "ENABLING", enable, "ValidationException", already},
		{9 * time.Minute, "ENABLING", disable, "ConflictException", under("ENABLING")},
		{time.Minute, "ENABLED", enable, "ValidationException", already},
		{time.Hour, "ENABLED", disable, "", ""},
		{0, "DISABLING", disable, "ValidationException", already},
		{9*time.Minute + 59*time.Second, "DISABLING", enable, "ConflictException", under("DISABLING")},
		{time.Second, "DISABLED", enable, "", ""},
		{0, "ENABLING", disable, "ConflictException", under("ENABLING")},
	} {
		f.now = f.now.Add(step.after)
		if got := f.state(management, region); got != step.state {
			t.Fatalf("state = %s, want %s", got, step.state)
		}
		err := step.do()
		if step.code != "" {
			refused(t, err, step.code, step.message)
		} else if err != nil {
			t.Fatalf("in state %s: %v", step.state, err)
		}
	}
}

// Nobody waits unless the operator wants it so.
func TestSwitchAtOnce(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	for range 2 {
		f.must(f.as(stranger), &accountapi.EnableRegionInput{RegionName: ptr("il-central-1")})
		equal(t, "state", f.state(stranger, "il-central-1"), "ENABLED")
		f.must(f.as(stranger), &accountapi.DisableRegionInput{RegionName: ptr("il-central-1")})
		equal(t, "state", f.state(stranger, "il-central-1"), "DISABLED")
	}
}

func TestSwitchQuotaOfAccount(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.Settings = account.Settings{SwitchTime: time.Minute}
	disabled, _ := f.regions(stranger, 50, "DISABLED")
	enable := func(i int) error {
		_, err := f.do(f.as(stranger), &accountapi.EnableRegionInput{RegionName: &disabled[i]})
		return err
	}
	for i := range 6 {
		if err := enable(i); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, enable(6), "TooManyRequestsException", "This request has exceeded the quota for 'Number of concurrent region-opt requests for an account'. "+
		"Consider retrying the operation later once some requests have been completed.")
	equal(t, "state", f.state(stranger, disabled[6]), "DISABLED")
	f.now = f.now.Add(time.Minute)
	if err := enable(6); err != nil {
		t.Errorf("when the others are done: %v", err)
	}
}

func TestSwitchQuotaOfOrganization(t *testing.T) {
	f := newFixture(t, storetest.Memory())
	f.Settings = account.Settings{SwitchTime: time.Minute}
	f.update(func(tx *store.Tx) error {
		// 50 switches of one member are under way: more than its own quota, which another
		// account does not feel.
		for i := range 50 {
			s := account.Switch{Region: fmt.Sprintf("region-%d", i), Enabled: true, DoneAt: tx.Now().Add(time.Minute)}
			if err := tx.PutAccountRegion(f.member, s); err != nil {
				return err
			}
		}
		return nil
	})
	in := &accountapi.EnableRegionInput{RegionName: ptr("af-south-1")}
	_, err := f.do(f.as(f.delegate), in)
	refused(t, err, "TooManyRequestsException", "This request has exceeded the quota for 'Number of concurrent region-opt requests for an organization'. "+
		"Consider retrying the operation later once some requests have been completed.")
	f.must(f.as(stranger), in) // in no organization
	f.now = f.now.Add(time.Minute)
	f.must(f.as(f.delegate), in)
}
