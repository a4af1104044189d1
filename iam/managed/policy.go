package managed

import (
	"crypto/sha256"
	"embed"
	"encoding/base32"
	"slices"
	"strings"
	"sync"
	"time"
)

// Policy is one AWS managed policy. It belongs to no account and nobody can change it.
type Policy struct {
	// Name is the policy's name, for example "ReadOnlyAccess".
	Name string
	// Path begins and ends with a slash: "/", "/job-function/", "/service-role/",
	// "/aws-service-role/" or "/root-task/".
	Path string
	// ARN is the real one: arn:aws:iam::aws:policy, the path, the name.
	ARN string
	// ID is the policy's unique id, "ANPA" and 17 more characters. It is AWS's own for the
	// well-known policies and else derived from the ARN, so that it never changes.
	ID string
	// CreateDate and UpdateDate are those of the policy and of its default version.
	CreateDate, UpdateDate time.Time
	// DefaultVersionID names the only version kept here, for example "v15".
	DefaultVersionID string
	// Built reports that the document was built by a rule and does not equal AWS's.
	Built bool

	body     string // statements in the form of parse.go
	once     sync.Once
	document string
}

//go:embed policies/*.txt built.txt
var files embed.FS

type catalog struct {
	policies []*Policy // ascending by name
	byARN    map[string]*Policy
}

// load reads the headers of all policies; documents are made when they are asked for.
var load = sync.OnceValue(mustLoad)

func mustLoad() *catalog {
	c, err := readCatalog(files)
	if err != nil {
		panic("managed: embedded policies: " + err.Error())
	}
	return c
}

// rules are the patterns of actions of the built policies, by rule.
var rules = sync.OnceValue(mustReadRules)

func mustReadRules() map[string][]string {
	text, err := files.ReadFile("built.txt")
	if err != nil {
		panic("managed: embedded rules: " + err.Error())
	}
	return readRules(string(text))
}

// All returns every policy, ascending by name.
func All() []*Policy { return slices.Clone(load().policies) }

// ByARN returns the policy with this ARN, whose case matters as it does in AWS.
func ByARN(arn string) (*Policy, bool) {
	p, ok := load().byARN[arn]
	return p, ok
}

// Attachable reports whether customers may attach the policy. Those of service-linked
// roles belong to their roles alone; IAM answers an attempt with PolicyNotAttachable
// (IAM user guide, "Service-linked roles").
func (p *Policy) Attachable() bool { return p.Path != serviceLinkedPath }

// Document returns the policy's JSON text.
func (p *Policy) Document() string {
	p.once.Do(func() { p.document = p.mustRender() })
	return p.document
}

func (p *Policy) mustRender() string {
	document, err := render(p.body, rules)
	if err != nil {
		panic("managed: policy " + p.Name + ": " + err.Error())
	}
	return document
}

// derivedID makes an id of AWS's form that depends on nothing but the ARN.
func derivedID(arn string) string {
	sum := sha256.Sum256([]byte(arn))
	return "ANPA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

const (
	arnPrefix         = "arn:aws:iam::aws:policy"
	serviceLinkedPath = "/aws-service-role/"
)

func newPolicy(fullName string) *Policy {
	cut := strings.LastIndexByte(fullName, '/') + 1
	return &Policy{Path: fullName[:cut], Name: fullName[cut:], ARN: arnPrefix + fullName}
}
