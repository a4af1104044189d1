package arn

import (
	"fmt"
	"strings"
)

// fields is the number of colon-separated parts of an ARN; the last one may itself hold
// colons.
const fields = 6

// ARN is an Amazon Resource Name, arn:partition:service:region:account-id:resource
// (AWS General Reference, topic "Amazon Resource Names"). Region and AccountID are empty
// where the service has none.
type ARN struct {
	Partition, Service, Region, AccountID, Resource string
}

// Parse reads an ARN. It checks the form (prefix, six fields, partition, service and
// resource not empty), not whether the service exists or the resource makes sense to it.
// The parts share the memory of s.
func Parse(s string) (ARN, error) {
	p, ok := Split(s)
	switch {
	case !ok:
		return ARN{}, fmt.Errorf("arn: %q does not have the form arn:partition:service:region:account-id:resource", s)
	case p[1] == "":
		return ARN{}, fmt.Errorf("arn: %q has no partition", s)
	case p[2] == "":
		return ARN{}, fmt.Errorf("arn: %q has no service", s)
	case p[5] == "":
		return ARN{}, fmt.Errorf("arn: %q has no resource", s)
	}
	return ARN{Partition: p[1], Service: p[2], Region: p[3], AccountID: p[4], Resource: p[5]}, nil
}

// Split cuts s into the six fields of an ARN, the first of which is "arn", and reports
// whether there are six. Fields may be empty: Split serves patterns as well as names.
func Split(s string) (parts [6]string, ok bool) {
	if !strings.HasPrefix(s, "arn:") {
		return parts, false
	}
	for i := range fields - 1 {
		field, rest, found := strings.Cut(s, ":")
		if !found {
			return [6]string{}, false
		}
		parts[i], s = field, rest
	}
	parts[fields-1] = s
	return parts, true
}

// String returns the ARN in its written form.
func (a ARN) String() string {
	return "arn:" + a.Partition + ":" + a.Service + ":" + a.Region + ":" + a.AccountID + ":" + a.Resource
}

// ResourceType returns what stands before the first slash or colon of the resource
// ("user" of "user/path/name"), or the empty string when there is neither.
func (a ARN) ResourceType() string {
	if i := strings.IndexAny(a.Resource, "/:"); i >= 0 {
		return a.Resource[:i]
	}
	return ""
}

// ResourceName returns what follows the last slash of the resource ("name" of
// "user/path/name"), or the whole resource when it has none.
func (a ARN) ResourceName() string {
	return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
}

// IsAccountID reports whether s is an AWS account id: twelve digits.
func IsAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
