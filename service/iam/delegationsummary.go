package iam

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// consoleLocales are the languages of AWS's console, which GetHumanReadableSummary takes; of
// these, summaries are written in English only.
var consoleLocales = []string{"en", "de", "es", "fr", "id", "it", "ja", "ko", "pt", "tr", "zh"}

// defaultLocale is used if the request names none.
const defaultLocale = "en"

// maxSummary is the longest summary, in characters.
const maxSummary = 10000

// GetHumanReadableSummary tells in plain words what a delegation request asks for. AWS has a
// language model write it; here it is made from the statements of the policy, so that it says
// all of them and nothing else. In other languages than English it is NOT_SUPPORTED.
func (s *Service) GetHumanReadableSummary(ctx context.Context, in *iamapi.GetHumanReadableSummaryInput) (*iamapi.GetHumanReadableSummaryOutput, error) {
	id, ok := summarized(in.EntityArn)
	if !ok {
		return nil, invalidInput("%s is not the ARN of a delegation request.", smithy.Value(in.EntityArn))
	}
	locale := orElse(in.Locale, defaultLocale)
	language, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(locale), "_", "-"), "-")
	if !slices.Contains(consoleLocales, language) {
		return nil, invalidInput("The locale %s is not supported.", locale)
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetHumanReadableSummaryOutput, error) {
		r, err := iam.GetDelegationRequest(ctx, tx, account(ctx), id)
		if err != nil {
			return nil, err
		}
		touchDelegation(ctx, &r)
		out := &iamapi.GetHumanReadableSummaryOutput{Locale: &locale, SummaryState: smithy.Ptr(iamapi.SummaryStateTypeNotSupported)}
		if language != defaultLocale {
			return out, nil
		}
		text, err := summary(&r)
		switch {
		case err != nil || len([]rune(text)) > maxSummary:
			out.SummaryState = smithy.Ptr(iamapi.SummaryStateTypeNotAvailable)
		default:
			out.SummaryState, out.SummaryContent = smithy.Ptr(iamapi.SummaryStateTypeAvailable), &text
		}
		return out, nil
	})
}

func summary(r *iam.DelegationRequest) (string, error) {
	doc, err := policy.Parse([]byte(r.Policy), policy.ParseOptions{})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	target := "your account"
	if r.OwnerAccount != "" {
		target = "account " + r.OwnerAccount
	}
	fmt.Fprintf(&b, "%s (account %s) asks for access to %s for %s, counted from when the token is sent to it.\n",
		r.RequestorName, r.Requestor, target, plainDuration(time.Duration(r.Duration)*time.Second))
	for _, effect := range []policy.Effect{policy.Allow, policy.Deny} {
		title := "\nIt could, as far as the approver can:\n"
		if effect == policy.Deny {
			title = "\nIt could not, in any case:\n"
		}
		for i := range doc.Statements {
			if s := &doc.Statements[i]; s.Effect == effect {
				b.WriteString(title)
				title = ""
				writeStatement(&b, s)
			}
		}
	}
	if boundaries := iam.RoleBoundaries(r.Policy); len(boundaries) > 0 {
		fmt.Fprintf(&b, "\nRoles that it creates stay when the access has ended. They can never do more than the permissions boundary allows: %s.\n",
			strings.Join(boundaries, ", "))
	}
	return b.String(), nil
}

// plainDuration says a duration in hours, minutes and seconds.
func plainDuration(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"hour", time.Hour}, {"minute", time.Minute}, {"second", time.Second}} {
		n := d / unit.size
		d -= n * unit.size
		switch {
		case n == 1:
			parts = append(parts, "1 "+unit.name)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit.name))
		}
	}
	return strings.Join(parts, " and ")
}

// levelWords are the access levels as a summary says them, the most powerful last.
var levelWords = []struct {
	level serviceauth.AccessLevel
	words string
}{
	{serviceauth.List, "list what there is"},
	{serviceauth.Read, "read"},
	{serviceauth.Tagging, "change tags"},
	{serviceauth.Write, "create, change or delete"},
	{serviceauth.PermissionsManagement, "change permissions"},
}

// writeStatement writes one line: what, by which actions, on what, under which conditions.
func writeStatement(b *strings.Builder, s *policy.Statement) {
	actions := texts(s.Action)
	switch {
	case len(actions) == 0:
		fmt.Fprintf(b, "- everything but %s", strings.Join(texts(s.NotAction), ", "))
	default:
		fmt.Fprintf(b, "- %s in %s: %s", kinds(actions), serviceNames(actions), strings.Join(actions, ", "))
	}
	switch resources := texts(s.Resource); {
	case len(resources) == 1 && resources[0] == everything:
		b.WriteString("; on all resources")
	case len(resources) > 0:
		fmt.Fprintf(b, "; on %s", strings.Join(resources, ", "))
	default:
		fmt.Fprintf(b, "; on all resources but %s", strings.Join(texts(s.NotResource), ", "))
	}
	for i, c := range s.Conditions {
		word := "; only if"
		if i > 0 {
			word = " and"
		}
		fmt.Fprintf(b, "%s %s %s %s", word, c.Key, c.Operator, strings.Join(texts(c.Values), " or "))
	}
	b.WriteString(".\n")
}

func texts(values []policy.Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.Text)
	}
	return out
}

// kinds says of which kinds the actions are.
func kinds(patterns []string) string {
	levels := map[serviceauth.AccessLevel]bool{}
	for _, pattern := range patterns {
		for _, name := range serviceauth.Expand(pattern) {
			if a, ok := serviceauth.LookupAction(name); ok {
				levels[a.AccessLevel] = true
			}
		}
	}
	var words []string
	for _, l := range levelWords {
		if levels[l.level] {
			words = append(words, l.words)
		}
	}
	if len(words) == 0 {
		return "act"
	}
	return strings.Join(words, "; ")
}

// serviceNames names the services of actions, each once.
func serviceNames(patterns []string) string {
	var names []string
	for _, pattern := range patterns {
		prefix, _, _ := strings.Cut(pattern, ":")
		name := prefix
		if s, ok := serviceauth.Lookup(strings.ToLower(prefix)); ok {
			name = s.Name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
