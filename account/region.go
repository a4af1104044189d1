package account

import (
	"context"
	"slices"
	"time"
)

// region is one Region of the partition aws.
type region struct {
	name string
	// launched is the day from which accounts could use it.
	launched string
}

// optInSince is the day after which new Regions have to be enabled by each account
// (Account Management reference, "Enable or disable AWS Regions in your account").
const optInSince = "2019-03-20"

// regions are in ascending order of name. Days are those of AWS's announcements; of the
// Regions that are enabled by default only the order to optInSince matters. Osaka became a
// full Region later but counts from its start as a local one.
var regions = []region{
	{"af-south-1", "2020-04-22"},
	{"ap-east-1", "2019-04-24"},
	{"ap-east-2", "2025-06-05"},
	{"ap-northeast-1", "2011-03-02"},
	{"ap-northeast-2", "2016-01-06"},
	{"ap-northeast-3", "2018-02-12"},
	{"ap-south-1", "2016-06-27"},
	{"ap-south-2", "2022-11-22"},
	{"ap-southeast-1", "2010-04-28"},
	{"ap-southeast-2", "2012-11-12"},
	{"ap-southeast-3", "2021-12-13"},
	{"ap-southeast-4", "2023-01-23"},
	{"ap-southeast-5", "2024-08-22"},
	{"ap-southeast-6", "2025-09-01"},
	{"ap-southeast-7", "2025-01-07"},
	{"ca-central-1", "2016-12-08"},
	{"ca-west-1", "2023-12-20"},
	{"eu-central-1", "2014-10-23"},
	{"eu-central-2", "2022-11-08"},
	{"eu-north-1", "2018-12-12"},
	{"eu-south-1", "2020-04-28"},
	{"eu-south-2", "2022-11-15"},
	{"eu-west-1", "2008-12-10"},
	{"eu-west-2", "2016-12-13"},
	{"eu-west-3", "2017-12-18"},
	{"il-central-1", "2023-08-01"},
	{"me-central-1", "2022-08-30"},
	{"me-south-1", "2019-07-29"},
	{"mx-central-1", "2025-01-14"},
	{"sa-east-1", "2011-12-14"},
	{"us-east-1", "2006-08-25"},
	{"us-east-2", "2016-10-17"},
	{"us-west-1", "2009-12-03"},
	{"us-west-2", "2011-11-09"},
}

// The states of a Region in an account (API reference, Region).
const (
	RegionEnabled          = "ENABLED"
	RegionEnabling         = "ENABLING"
	RegionDisabling        = "DISABLING"
	RegionDisabled         = "DISABLED"
	RegionEnabledByDefault = "ENABLED_BY_DEFAULT"
)

// The quotas on switches that are under way (Account Management reference, "Quotas for AWS
// Account Management").
const (
	maxSwitchesOfAccount      = 6
	maxSwitchesOfOrganization = 50
)

// Settings are what an operator can choose. The zero value switches Regions at once.
type Settings struct {
	// SwitchTime is how long enabling or disabling a Region takes; in AWS it is minutes to
	// hours.
	SwitchTime time.Duration
}

// Switch is the last change of a Region in an account.
type Switch struct {
	Region string
	// Enabled is what was asked for: true to enable, false to disable.
	Enabled bool
	// DoneAt is when the Region is as asked.
	DoneAt time.Time
}

// under reports whether the switch is under way.
func (s Switch) under(now time.Time) bool { return now.Before(s.DoneAt) }

func (s Switch) state(now time.Time) string {
	switch {
	case s.Enabled && s.under(now):
		return RegionEnabling
	case s.Enabled:
		return RegionEnabled
	case s.under(now):
		return RegionDisabling
	default:
		return RegionDisabled
	}
}

// RegionState is a Region with its state in an account.
type RegionState struct {
	Name string
	// State is one of the Region constants.
	State string
}

// Page asks for a piece of a list: what comes after the name After, at most Limit items.
type Page struct {
	After string
	Limit int
}

// ListRegions returns the Regions that there are today in ascending order of name, of the
// given states (all if there are none), and the name after which the next piece begins,
// empty at the end.
func ListRegions(_ context.Context, tx Tx, accountID string, states []string, p Page) ([]RegionState, string, error) {
	switches, err := tx.AccountRegions(accountID)
	if err != nil {
		return nil, "", err
	}
	var out []RegionState
	for _, r := range regions {
		state, exists := r.state(switches, tx.Now())
		if !exists || r.name <= p.After || len(states) > 0 && !slices.Contains(states, state) {
			continue
		}
		if len(out) == p.Limit {
			return out, out[len(out)-1].Name, nil
		}
		out = append(out, RegionState{Name: r.name, State: state})
	}
	return out, "", nil
}

// state is the Region's state given an account's switches. It reports false for a Region
// that is not launched yet.
func (r region) state(switches []Switch, now time.Time) (string, bool) {
	switch {
	case r.launched > now.UTC().Format(time.DateOnly):
		return "", false
	case r.launched <= optInSince:
		return RegionEnabledByDefault, true
	}
	for _, s := range switches {
		if s.Region == r.name {
			return s.state(now), true
		}
	}
	return RegionDisabled, true
}

// NeedsOptIn reports whether there is a Region of the name that an account has to enable before it
// can use it.
func NeedsOptIn(name string) bool {
	i := slices.IndexFunc(regions, func(r region) bool { return r.name == name })
	return i >= 0 && regions[i].launched > optInSince
}

// RegionStateOf returns the state of one Region. It fails with CodeInvalid for a name that
// no Region has.
func RegionStateOf(_ context.Context, tx Tx, accountID, name string) (string, error) {
	switches, err := tx.AccountRegions(accountID)
	if err != nil {
		return "", err
	}
	return stateOf(switches, name, tx.Now())
}

func stateOf(switches []Switch, name string, now time.Time) (string, error) {
	i := slices.IndexFunc(regions, func(r region) bool { return r.name == name })
	if i >= 0 {
		if state, exists := regions[i].state(switches, now); exists {
			return state, nil
		}
	}
	return "", invalid(ReasonField, "regionName", "The Region name %s is not valid.", name)
}

// EnableRegion opts an account into a Region. It fails with CodeInvalid for a name that no
// Region has, for a Region that is enabled by default and for one that is enabled already,
// with CodeConflict while the Region is being disabled, and with CodeTooMany.
func EnableRegion(ctx context.Context, tx Tx, s Settings, accountID, name string) error {
	return switchRegion(ctx, tx, s, accountID, Switch{Region: name, Enabled: true})
}

// DisableRegion opts an account out of a Region. It fails like [EnableRegion].
func DisableRegion(ctx context.Context, tx Tx, s Settings, accountID, name string) error {
	return switchRegion(ctx, tx, s, accountID, Switch{Region: name})
}

func switchRegion(_ context.Context, tx Tx, s Settings, accountID string, to Switch) error {
	now := tx.Now()
	switches, err := tx.AccountRegions(accountID)
	if err != nil {
		return err
	}
	state, err := stateOf(switches, to.Region, now)
	if err != nil {
		return err
	}
	from, opposite := RegionEnabled, RegionEnabling
	if to.Enabled {
		from, opposite = RegionDisabled, RegionDisabling
	}
	switch state {
	case from:
	case opposite:
		return fail(CodeConflict, "The Region %s is in the status %s. Try again when that has completed.", to.Region, state)
	default:
		return invalid(ReasonRegionTarget, "regionName", "Unable to switch region status because of its current opt-in status.")
	}
	if err := checkSwitchQuotas(tx, accountID, switches, now); err != nil {
		return err
	}
	to.DoneAt = now.Add(s.SwitchTime)
	return tx.PutAccountRegion(accountID, to)
}

func checkSwitchQuotas(tx Tx, accountID string, switches []Switch, now time.Time) error {
	const exceeded = "This request has exceeded the quota for 'Number of concurrent region-opt requests for an %s'. " +
		"Consider retrying the operation later once some requests have been completed."
	under := 0
	for _, s := range switches {
		if s.under(now) {
			under++
		}
	}
	if under >= maxSwitchesOfAccount {
		return fail(CodeTooMany, exceeded, "account")
	}
	a, found, err := tx.OrgAccount(accountID)
	if err != nil || !found || a.OrganizationID == "" {
		return err
	}
	all, err := tx.CountOrgRegionSwitches(a.OrganizationID, now)
	if err != nil {
		return err
	}
	if all >= maxSwitchesOfOrganization {
		return fail(CodeTooMany, exceeded, "organization")
	}
	return nil
}
