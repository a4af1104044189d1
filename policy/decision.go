package policy

// Outcome is how a request was decided.
type Outcome uint8

// The outcomes; the zero value denies.
const (
	ImplicitDeny Outcome = iota
	ExplicitDeny
	Allowed
)

// String returns the outcome in the words of the policy simulator's EvalDecision.
func (o Outcome) String() string {
	switch o {
	case Allowed:
		return "allowed"
	case ExplicitDeny:
		return "explicitDeny"
	default:
		return "implicitDeny"
	}
}

// maxDeciding is how many deciding statements a decision names; more are counted only.
const maxDeciding = 4

// Decision is the answer to a request, with its reasons. The zero value is an implicit
// deny.
type Decision struct {
	Allowed bool
	Effect  Outcome
	// Reason is the layer that decided: the one with the explicit deny, the first one
	// that fails to allow, or the one that grants. A root user's own power in its account
	// counts as Identity, without deciding statements.
	Reason Kind
	// Level names the organization root, OU or account whose SCPs or RCPs failed to
	// allow.
	Level string
	// CrossAccount says that principal and resource belong to different accounts.
	CrossAccount bool

	deciding [maxDeciding]StatementRef
	count    int
}

// Deciding returns the statements that decided: the matching denies of the layer that
// denied, or the matching allows of the layer that granted; at most four of them. It is
// empty for an implicit deny.
func (d *Decision) Deciding() []StatementRef {
	return d.deciding[:min(d.count, maxDeciding)]
}

// DecidingCount returns how many statements decided, those included that Deciding leaves
// out.
func (d *Decision) DecidingCount() int { return d.count }

func (d *Decision) add(a *Attached, statement int) {
	if d.count < maxDeciding {
		d.deciding[d.count] = StatementRef{Attached: a, Index: statement}
	}
	d.count++
}

// StatementRef points at one statement of an attached policy.
type StatementRef struct {
	Attached *Attached
	// Index is the statement's place in the document, from 0; -1 when the whole document
	// could not be understood.
	Index int
}

// Sid returns the statement's Sid, or the empty string.
func (r StatementRef) Sid() string {
	if s := r.statement(); s != nil {
		return s.sid
	}
	return ""
}

// Span returns where the statement stands in its document; the zero value if unknown.
func (r StatementRef) Span() Span {
	if s := r.statement(); s != nil {
		return s.span
	}
	return Span{}
}

func (r StatementRef) statement() *statement {
	if r.Attached == nil || r.Attached.Policy == nil || r.Index < 0 {
		return nil
	}
	return &r.Attached.Policy.statements[r.Index]
}
