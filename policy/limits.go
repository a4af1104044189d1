package policy

import (
	"slices"
	"time"
	"unicode/utf8"
)

// Limits bounds the size of a document.
type Limits struct {
	// MaxSize is the number of characters allowed; 0 means no limit.
	MaxSize int
	// CountsSpace tells whether white space counts. IAM leaves it out, Organizations
	// counts every character.
	CountsSpace bool
}

// datedLimits is one row of the history of AWS's quotas.
type datedLimits struct {
	kind   Kind
	since  time.Time
	limits Limits
}

func day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// limitsTable holds what AWS documents, oldest row of a kind first. Sources: IAM user
// guide, topic "IAM and AWS STS quotas" (managed policies, which boundaries are as well:
// 6,144; role trust policies: 2,048, which AWS raises to 4,096 on request; session
// policies: 2,048), and AWS Organizations user guide, topic "Quotas and service limits"
// (SCPs: 5,120 and since 2026-05-15 10,240; RCPs: 5,120, since they began on 2024-11-13), and
// AWS PrivateLink guide, topic "AWS PrivateLink quotas" (endpoint policies: 20,480 with
// white space). Each service sets its own limit for policies of its resources; that of
// Amazon S3 buckets, 20 KB, stands here for all. Inline policies have a limit for
// all of one identity together, which is not a document's matter: an identity-based
// document is checked against the largest of them, that of roles.
var limitsTable = []datedLimits{
	{Identity, time.Time{}, Limits{MaxSize: 10240}},
	{Boundary, time.Time{}, Limits{MaxSize: 6144}},
	{Trust, time.Time{}, Limits{MaxSize: 2048}},
	{Session, time.Time{}, Limits{MaxSize: 2048, CountsSpace: true}},
	{SCP, time.Time{}, Limits{MaxSize: 5120, CountsSpace: true}},
	{SCP, day(2026, time.May, 15), Limits{MaxSize: 10240, CountsSpace: true}},
	{RCP, day(2024, time.November, 13), Limits{MaxSize: 5120, CountsSpace: true}},
	{Resource, time.Time{}, Limits{MaxSize: 20480, CountsSpace: true}},
	{VPCEndpoint, time.Time{}, Limits{MaxSize: 20480, CountsSpace: true}},
}

// LimitsAt returns the limits in force for a kind of policy at a given time. A kind
// without row has none.
func LimitsAt(k Kind, at time.Time) Limits {
	for _, row := range slices.Backward(limitsTable) {
		if row.kind == k && !at.Before(row.since) {
			return row.limits
		}
	}
	return Limits{}
}

// Size counts the characters of a document as the limits count them.
func (l Limits) Size(text []byte) int {
	n := utf8.RuneCount(text)
	if l.CountsSpace {
		return n
	}
	for _, c := range text {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			n--
		}
	}
	return n
}
