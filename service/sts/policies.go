package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/arn"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/policy"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// maxSessionPolicyARNs is how many managed policies a session can be limited by; STS API
// Reference, AssumeRole, PolicyArns.
const maxSessionPolicyARNs = 10

// luggage is what a request gives its session to carry: policies that limit it, and tags.
type luggage struct {
	policy string
	arns   []string
	tags   []stsapi.Tag
}

// checkPolicies returns the session policies of a request: the inline one must be a policy,
// the managed ones must be AWS's or the account's.
func (s *Service) checkPolicies(ctx context.Context, accountID string, inline *string, managed []stsapi.PolicyDescriptorType, tags []stsapi.Tag) (luggage, error) {
	p := luggage{policy: smithy.Value(inline), tags: tags}
	for i := range managed {
		p.arns = append(p.arns, smithy.Value(managed[i].Arn))
	}
	if len(p.arns) > maxSessionPolicyARNs {
		return luggage{}, validation("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicyARNs)
	}
	// The quota is on both kinds together; IAM user guide, "IAM and AWS STS quotas".
	limits := policy.LimitsAt(policy.Session, s.DB.Now())
	if size := limits.Size([]byte(p.policy + strings.Join(p.arns, ""))); size > limits.MaxSize {
		return luggage{}, validation("1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to %d", limits.MaxSize)
	}
	if inline != nil {
		if err := checkDocument(p.policy); err != nil {
			return luggage{}, err
		}
	}
	return p, s.checkManaged(ctx, accountID, p.arns)
}

// checkDocument refuses what is not a session policy.
func checkDocument(text string) error {
	d, err := policy.Parse([]byte(text), policy.ParseOptions{})
	var syntax *policy.SyntaxError
	if errors.As(err, &syntax) {
		return malformed("Syntax errors in policy. %s (line %d, column %d)", syntax.Message, syntax.Line, syntax.Column)
	}
	if err != nil {
		return err
	}
	if f := policy.FirstError(d.Validate(policy.Session, policy.Limits{})); f != nil {
		return malformed("%s (line %d, column %d)", f.Message, f.Pos.Line, f.Pos.Column)
	}
	return nil
}

func malformed(format string, args ...any) error {
	return &stsapi.MalformedPolicyDocumentException{Message: smithy.Ptr(fmt.Sprintf(format, args...))}
}

// checkManaged refuses policies that the session's account does not have. A session that
// named one could do nothing.
func (s *Service) checkManaged(ctx context.Context, accountID string, arns []string) error {
	if len(arns) == 0 {
		return nil
	}
	for _, text := range arns {
		if a, err := arn.Parse(text); err != nil || a.Service != "iam" || !strings.HasPrefix(a.Resource, "policy/") {
			return validation("ARN %s is not valid.", text)
		}
	}
	return s.DB.View(ctx, func(tx *store.Tx) error {
		for _, text := range arns {
			if _, found, err := iam.ManagedPolicy(ctx, tx, accountID, text); err != nil {
				return err
			} else if !found {
				return validation("Policy %s does not exist or is not attachable.", text)
			}
		}
		return nil
	})
}

// packedLimit is how many bytes the policies and tags of a session may have when packed.
// AWS packs them in a way of its own that it does not publish, and tells how full the space
// is in percent. Here they are compressed with DEFLATE, in the order policy, ARNs, tags, and
// the space has the size with which the examples of the STS API Reference come out as they
// are printed there (8 percent).
const packedLimit = 1900

// packedSize returns how full the space for policies and tags is, in percent, rounded up;
// nil if there are none. More than 100 percent is an error.
func (p *luggage) packedSize() (*int32, error) {
	if p.policy == "" && len(p.arns) == 0 && len(p.tags) == 0 {
		return nil, nil
	}
	percent := (p.pack()*100 + packedLimit - 1) / packedLimit
	if percent <= 100 {
		return smithy.Ptr(int32(percent)), nil
	}
	if p.policy == "" && len(p.arns) == 0 {
		return nil, tooLarge(fmt.Sprintf("Packed size of session tags consumes %d%% of allotted space.", percent))
	}
	return nil, tooLarge(fmt.Sprintf("Packed policy consumes %d%% of allotted space, please use smaller policy.", percent))
}

func tooLarge(message string) error {
	return &stsapi.PackedPolicyTooLargeException{Message: smithy.Ptr(message)}
}

// pack returns how many bytes the policies and tags take when compressed.
func (p *luggage) pack() int {
	k := packers.Get().(*packer)
	defer packers.Put(k)
	k.text = append(k.text[:0], p.policy...)
	for _, a := range p.arns {
		k.text = append(append(k.text, 0), a...)
	}
	for i := range p.tags {
		k.text = append(append(k.text, 0), smithy.Value(p.tags[i].Key)...)
		k.text = append(append(k.text, 0), smithy.Value(p.tags[i].Value)...)
	}
	k.packed.Reset()
	k.writer.Reset(&k.packed)
	// A bytes.Buffer takes everything.
	_, _ = k.writer.Write(k.text)
	_ = k.writer.Close()
	return k.packed.Len()
}

// packer is the space in which sizes are found out; a DEFLATE writer is large.
type packer struct {
	text   []byte
	packed bytes.Buffer
	writer *flate.Writer
}

var packers = sync.Pool{New: func() any {
	// The only error is that of a level that does not exist.
	w, _ := flate.NewWriter(nil, flate.BestCompression)
	return &packer{writer: w}
}}
