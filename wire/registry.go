package wire

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/awsquery"
	"github.com/bailiwick/bailiwick/wire/restjson"
)

// mounted is a service with what its protocol needs to find operations.
type mounted struct {
	Mount
	desc   *smithy.Service
	router *restjson.Router
	// signing is desc.SigningName alone, the name that signatures must be for; source is the
	// service's name in events.
	signing []string
	source  string
}

// registry finds the service and operation of a request. The service named in the
// credential scope, the target header, the Action and Version parameters or the path say
// which one it is; the Host header never does, because clients with a custom endpoint send
// whatever they were given.
type registry struct {
	bySigning map[string][]*mounted
	byTarget  map[string]*mounted
	all       []*mounted
}

func newRegistry(mounts []Mount) (*registry, error) {
	reg := &registry{bySigning: map[string][]*mounted{}, byTarget: map[string]*mounted{}}
	for _, mt := range mounts {
		desc := mt.Handler.Service
		m := &mounted{Mount: mt, desc: desc, signing: []string{desc.SigningName}, source: desc.EndpointPrefix + ".amazonaws.com"}
		if m.ReadOnly == nil {
			return nil, fmt.Errorf("wire: service %s lacks ReadOnly", m.desc.ID)
		}
		switch m.desc.Protocol {
		case smithy.RESTJSON1:
			m.router = restjson.NewRouter(m.desc)
		case smithy.AWSJSON10, smithy.AWSJSON11:
			reg.byTarget[serviceName(m.desc.TargetPrefix)] = m
		}
		reg.bySigning[m.desc.SigningName] = append(reg.bySigning[m.desc.SigningName], m)
		reg.all = append(reg.all, m)
	}
	return reg, nil
}

// identified is where a request goes to.
type identified struct {
	service *mounted
	op      *smithy.Operation
	// wanted is the operation's name as the request gives it; op is nil if there is none.
	wanted, version string
	// complaint says why there is no operation although its name may exist.
	complaint string
	// nameless is true if the request names no operation at all: neither target nor Action.
	nameless bool
	labels   []restjson.Label
}

// identify finds service and operation. scope is the service of the credential scope, empty
// for requests without a signature.
func (reg *registry) identify(r *http.Request, scope string, form []awsquery.Pair) identified {
	if target := header(r, "X-Amz-Target"); target != "" {
		return reg.byTargetHeader(r, target, scope)
	}
	if action, version := awsquery.Action(form); action != "" {
		id := reg.byAction(action, version, scope)
		if r.Method != http.MethodPost && r.Method != http.MethodGet {
			id.op, id.complaint = nil, action+" is called by GET or POST, not by "+r.Method+"."
		}
		return id
	}
	return reg.byPath(r, scope)
}

// serviceName is the last part of a target's prefix. What stands before it differs between
// clients: the prefix of CloudTrail is "CloudTrail_20131101" in some SDKs and
// "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" in others.
func serviceName(prefix string) string {
	return prefix[strings.LastIndexByte(prefix, '.')+1:]
}

func (reg *registry) byTargetHeader(r *http.Request, target, scope string) identified {
	prefix, name := "", target
	if i := strings.LastIndexByte(target, '.'); i >= 0 {
		prefix, name = serviceName(target[:i]), target[i+1:]
	}
	m := reg.byTarget[prefix]
	if m == nil {
		m = reg.first(scope)
	}
	if m == nil {
		return identified{wanted: name}
	}
	id := identified{service: m, wanted: name}
	switch {
	case serviceName(m.desc.TargetPrefix) != prefix:
	case r.Method != http.MethodPost:
		id.complaint = name + " is called by POST, not by " + r.Method + "."
	case !isJSON(r):
		// AWS does not know the operation then: the content type chooses the protocol.
		id.complaint = name + " is called with the content type application/x-amz-json-1.1."
	default:
		id.op = m.desc.Operation(name)
	}
	return id
}

func (reg *registry) byAction(action, version, scope string) identified {
	id := identified{wanted: action, version: version}
	for _, m := range reg.all {
		if m.desc.Protocol != smithy.AWSQuery {
			continue
		}
		if scope != "" && m.desc.SigningName != scope || scope == "" && m.desc.Operation(action) == nil {
			continue
		}
		id.service = m
		if version == m.desc.APIVersion {
			id.op = m.desc.Operation(action)
			return id
		}
	}
	if id.service == nil {
		id.service = reg.first(scope)
	}
	return id
}

func (reg *registry) byPath(r *http.Request, scope string) identified {
	candidates := reg.bySigning[scope]
	if scope == "" {
		candidates = reg.all
	}
	for _, m := range candidates {
		if m.router == nil {
			continue
		}
		if op, labels, ok := m.router.Match(r.Method, r.URL.EscapedPath(), r.URL.RawQuery); ok {
			return identified{service: m, op: op, wanted: op.Name, labels: labels}
		}
	}
	return identified{service: reg.first(scope), wanted: r.Method + " " + r.URL.Path, nameless: true}
}

func (reg *registry) first(scope string) *mounted {
	if ms := reg.bySigning[scope]; len(ms) > 0 {
		return ms[0]
	}
	return nil
}

// isJSON reports whether the body is JSON in one of the ways to say so.
func isJSON(r *http.Request) bool {
	switch mediaType(r) {
	case json10Type, json11Type, jsonType:
		return true
	}
	return false
}

// isForm reports whether the body is a form. Query clients send the type with a charset.
func isForm(r *http.Request) bool { return mediaType(r) == formType }

// The media types that the protocols are sent in.
const (
	json10Type = "application/x-amz-json-1.0"
	json11Type = "application/x-amz-json-1.1"
	jsonType   = "application/json"
	formType   = "application/x-www-form-urlencoded"
)

// mediaType is the type of the body without its parameters, in lower case; empty if the
// request does not say. What SDKs write is known without being taken apart.
func mediaType(r *http.Request) string {
	text := header(r, "Content-Type")
	if t, parameters, _ := strings.Cut(text, ";"); parameters == "" || parameters == " charset=utf-8" {
		switch t {
		case json10Type, json11Type, jsonType, formType:
			return t
		}
	}
	t, _, err := mime.ParseMediaType(text)
	if err != nil {
		return ""
	}
	return t
}
