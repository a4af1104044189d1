package org

import (
	"time"
)

// Quota names a limit of AWS Organizations.
type Quota string

// The quotas that this package enforces (Organizations user guide, "Quotas and service
// limits for AWS Organizations"). Sizes of service control and resource control policies are
// with the policy language ([policy.LimitsAt]).
const (
	// QuotaAccounts is the number of accounts of an organization, the management account
	// and closed accounts included. [Settings] can raise it.
	QuotaAccounts Quota = "accounts"
	// QuotaUnits is the number of OUs of an organization; QuotaUnitDepth how deep they nest.
	QuotaUnits     Quota = "organizational-units"
	QuotaUnitDepth Quota = "unit depth"
	// QuotaSCPs and QuotaRCPs are the numbers of policies that an organization makes.
	QuotaSCPs Quota = "service-control-policies"
	QuotaRCPs Quota = "resource-control-policies"
	// QuotaSCPsAttached and QuotaRCPsAttached are per node, the default policy included.
	QuotaSCPsAttached Quota = "service control policies attached"
	QuotaRCPsAttached Quota = "resource control policies attached"
	// QuotaManagementPolicies is the number of policies of each management type that an
	// organization makes, QuotaManagementAttached how many of one type a node carries, and
	// QuotaManagementSize the number of characters of each. The documentation gives them for
	// declarative, backup, tag and Security Hub policies; types that it does not list have them
	// too, and chat applications, opt-out and rollout policies have some of their own.
	QuotaManagementPolicies Quota = "management-policies"
	QuotaManagementAttached Quota = "management policies of a type attached"
	QuotaManagementSize     Quota = "characters of a management policy"
	QuotaChatAttached       Quota = "chat applications policies attached"
	QuotaOptOutAttached     Quota = "AI services opt-out policies attached"
	QuotaOptOutSize         Quota = "characters of an AI services opt-out policy"
	QuotaRolloutSize        Quota = "characters of an upgrade rollout policy"
	// QuotaTags is per resource.
	QuotaTags Quota = "tags"
	// QuotaClosePercent, QuotaCloseLeast and QuotaCloseMost bound how many member accounts
	// can be closed within QuotaCloseDays: a share of all, but at least and at most so many.
	QuotaClosePercent Quota = "closed accounts, percent"
	QuotaCloseLeast   Quota = "account-closures"
	QuotaCloseMost    Quota = "closed accounts, at most"
	QuotaCloseDays    Quota = "closed accounts, days"
	// QuotaRemovalDays is the age in days at which an account that the organization made
	// can leave it.
	QuotaRemovalDays Quota = "minimum age for removal, days"
	// QuotaInvitesPerDay is the number of invitations in 24 hours, accepted ones not
	// counted, of an organization whose QuotaAccounts is not higher.
	QuotaInvitesPerDay Quota = "invitations-per-day"
	// QuotaInboundTransfers is how many organizations an organization manages a responsibility
	// for, invitations that wait included: none, before it is raised. QuotaOutboundTransfers
	// is how many manage one for it.
	QuotaInboundTransfers  Quota = "inbound-transfers"
	QuotaOutboundTransfers Quota = "outbound transfers"
	// QuotaTransferLevels is how many transfers follow each other in a chain, QuotaChainTransfers
	// how many a chain has in all.
	QuotaTransferLevels Quota = "transfers following each other"
	QuotaChainTransfers Quota = "transfers in a chain"
	// QuotaMigrationAccounts is the number of accounts up to which an organization can
	// enable all features by itself.
	QuotaMigrationAccounts Quota = "accounts of an organization that enables all features"
)

// quotaValue is a value of a quota from a day on.
type quotaValue struct {
	quota Quota
	value int
	// since is the day of the announcement, or else the first day on which the documentation
	// is known to give the value; empty for the oldest that we know.
	since string
	// source is the documentation topic.
	source string
}

const (
	topicQuotas    = "Organizations user guide: Quotas and service limits for AWS Organizations"
	topicMigration = "Organizations API reference: ConstraintViolationException, ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED"
	topicRollout   = "Organizations user guide: Upgrade rollout policy syntax and examples"
	topicTransfers = "Billing user guide: Quotas of billing transfer"
	// topicChains stands by numbers that AWS has and that are not known to us: they are ours.
	topicChains = "Organizations API reference: ConstraintViolationException, RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION and _MAX_TRANSFERS_QUOTA_VIOLATION"
	topicSCP    = "Organizations user guide: Document history, entry on higher quotas of service control policies"
)

// quotas is in ascending order of day for each quota.
var quotas = []quotaValue{
	{quota: QuotaAccounts, value: 10, source: topicQuotas},
	{quota: QuotaUnits, value: 2000, source: topicQuotas},
	{quota: QuotaUnitDepth, value: 5, source: topicQuotas},
	{quota: QuotaSCPs, value: 10000, source: topicQuotas},
	{quota: QuotaRCPs, value: 1000, source: topicQuotas},
	{quota: QuotaRCPs, value: 2000, since: "2026-05-15", source: topicQuotas},
	{quota: QuotaSCPsAttached, value: 5, source: topicQuotas},
	{quota: QuotaSCPsAttached, value: 10, since: "2026-05-15", source: topicSCP},
	{quota: QuotaRCPsAttached, value: 5, source: topicQuotas},
	{quota: QuotaManagementPolicies, value: 1000, source: topicQuotas},
	{quota: QuotaManagementAttached, value: 10, source: topicQuotas},
	{quota: QuotaManagementSize, value: 10000, source: topicQuotas},
	{quota: QuotaChatAttached, value: 5, source: topicQuotas},
	{quota: QuotaOptOutAttached, value: 5, source: topicQuotas},
	{quota: QuotaOptOutSize, value: 2500, source: topicQuotas},
	{quota: QuotaRolloutSize, value: 5120, source: topicRollout},
	{quota: QuotaTags, value: 50, source: topicQuotas},
	{quota: QuotaClosePercent, value: 10, source: topicQuotas},
	{quota: QuotaClosePercent, value: 20, since: "2026-05-15", source: topicQuotas},
	{quota: QuotaCloseLeast, value: 10, source: topicQuotas},
	{quota: QuotaCloseLeast, value: 250, since: "2026-05-15", source: topicQuotas},
	{quota: QuotaCloseMost, value: 1000, source: topicQuotas},
	{quota: QuotaCloseDays, value: 30, source: topicQuotas},
	{quota: QuotaRemovalDays, value: 7, source: topicQuotas},
	{quota: QuotaRemovalDays, value: 4, since: "2026-05-15", source: topicQuotas},
	{quota: QuotaInvitesPerDay, value: 20, source: topicQuotas},
	{quota: QuotaInboundTransfers, value: 0, source: topicTransfers},
	{quota: QuotaOutboundTransfers, value: 1, source: topicTransfers},
	{quota: QuotaTransferLevels, value: 5, source: topicChains},
	{quota: QuotaChainTransfers, value: 1000, source: topicChains},
	{quota: QuotaMigrationAccounts, value: 5000, source: topicMigration},
}

// Limit returns the value of a quota at a time. A quota without a value is 0: nothing is
// allowed.
func Limit(q Quota, at time.Time) int {
	var value int
	date := at.UTC().Format(time.DateOnly)
	for _, v := range quotas {
		if v.quota == q && v.since <= date {
			value = v.value
		}
	}
	return value
}

// Settings are the limits that an operator sets because AWS raises them on request or
// because time passes differently in a test. The zero value means AWS's defaults.
type Settings struct {
	// AccountLimit replaces QuotaAccounts (10).
	AccountLimit int
	// CloseLimit replaces the whole rule of the close quota: so many closures in 30 days.
	CloseLimit int
	// RemovalAge replaces QuotaRemovalDays (4 days): how old an account made by the
	// organization must be to leave it. Negative means no waiting.
	RemovalAge time.Duration
}

// accountLimit returns how many accounts the organization may have.
func (s Settings) accountLimit(tx Tx, o Organization) (int, error) {
	if s.AccountLimit > 0 {
		return limitOr(tx, o, QuotaAccounts, s.AccountLimit)
	}
	return limit(tx, o, QuotaAccounts)
}

// closeLimit returns how many of the member accounts can be closed in the period.
func (s Settings) closeLimit(tx Tx, o Organization, members int) (int, error) {
	if s.CloseLimit > 0 {
		return limitOr(tx, o, QuotaCloseLeast, s.CloseLimit)
	}
	least, err := limit(tx, o, QuotaCloseLeast)
	return closeRule(members, least, tx.Now()), err
}

// closeRule is a share of the members, but at least and at most so many.
func closeRule(members, least int, at time.Time) int {
	const percent = 100
	share := min(members*Limit(QuotaClosePercent, at)/percent, Limit(QuotaCloseMost, at))
	return max(share, least)
}

func (s Settings) removalAge(at time.Time) time.Duration {
	if s.RemovalAge != 0 {
		return max(s.RemovalAge, 0)
	}
	const day = 24 * time.Hour
	return time.Duration(Limit(QuotaRemovalDays, at)) * day
}
