package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/smithy"
)

// served are the services of the server.
func served() []*smithy.Service {
	return []*smithy.Service{
		organizationsapi.Describe(), iamapi.Describe(), stsapi.Describe(), accountapi.Describe(), cloudtrailapi.Describe(),
	}
}

// chooser chooses the values of an input.
type chooser interface {
	// text is a string for the member; given says whether an optional member is set.
	text(m *smithy.Member) string
	given(m *smithy.Member) bool
	// entries is how many a list or map gets, number a number within the bounds or not.
	entries(s *smithy.Schema) int
	number(s *smithy.Schema) float64
}

// deepest ends recursive shapes.
const deepest = 5

// structure makes the value of a structure as JSON has it. In the query protocols text
// stands for all scalars.
func structure(c chooser, s *smithy.Schema, depth int) map[string]any {
	out := map[string]any{}
	if s == nil || depth > deepest {
		return out
	}
	for i := range s.Members {
		m := &s.Members[i]
		if !m.Required && !c.given(m) || s.Union && len(out) > 0 {
			continue
		}
		out[m.WireName] = value(c, m, depth)
	}
	// The query protocols have no way to write a structure without members.
	if depth > 0 && len(out) == 0 && len(s.Members) > 0 {
		out[s.Members[0].WireName] = value(c, &s.Members[0], depth)
	}
	return out
}

func value(c chooser, m *smithy.Member, depth int) any {
	s := m.Target
	switch s.Kind {
	case smithy.KindStructure:
		return structure(c, s, depth+1)
	case smithy.KindList:
		list := []any{}
		for range c.entries(s) {
			list = append(list, value(c, s.Element, depth+1))
		}
		return list
	case smithy.KindMap:
		entries := map[string]any{}
		for range c.entries(s) {
			entries[c.text(s.Key)] = value(c, s.Element, depth+1)
		}
		return entries
	case smithy.KindBoolean:
		return true
	case smithy.KindInteger, smithy.KindLong:
		return int64(c.number(s))
	case smithy.KindFloat, smithy.KindDouble, smithy.KindTimestamp:
		return c.number(s)
	case smithy.KindBlob:
		return base64.StdEncoding.EncodeToString([]byte(c.text(m)))
	default:
		return c.text(m)
	}
}

// flatten writes a value as the query protocols do.
func flatten(form url.Values, m *smithy.Member, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		if m.Target.Kind == smithy.KindMap {
			n := 0
			for key, entry := range v {
				n++
				prefix := name + ".entry." + strconv.Itoa(n) + "."
				form.Set(prefix+m.Target.Key.WireName, key)
				flatten(form, m.Target.Element, prefix+m.Target.Element.WireName, entry)
			}
			return
		}
		for i := range m.Target.Members {
			member := &m.Target.Members[i]
			if inner, ok := v[member.WireName]; ok {
				flatten(form, member, name+"."+member.WireName, inner)
			}
		}
	case []any:
		for i, element := range v {
			at := name + "." + m.Target.Element.WireName + "." + strconv.Itoa(i+1)
			if m.Flattened {
				at = name + "." + strconv.Itoa(i+1)
			}
			flatten(form, m.Target.Element, at, element)
		}
	case float64:
		form.Set(name, "2026-01-02T03:04:05Z")
		if m.Target.Kind != smithy.KindTimestamp {
			form.Set(name, strconv.FormatFloat(v, 'f', -1, 64))
		}
	case int64:
		form.Set(name, strconv.FormatInt(v, 10))
	case bool:
		form.Set(name, strconv.FormatBool(v))
	case string:
		form.Set(name, v)
	}
}

// callTo makes the unsigned request of an operation in its service's protocol.
func callTo(t testing.TB, s *smithy.Service, op *smithy.Operation, input map[string]any) (*http.Request, []byte) {
	t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	path, contentType, target := "/", "application/x-amz-json-1.1", s.TargetPrefix+"."+op.Name
	switch s.Protocol {
	case smithy.AWSQuery:
		form := url.Values{"Action": {op.Name}, "Version": {s.APIVersion}}
		if op.Input != nil {
			for i := range op.Input.Members {
				m := &op.Input.Members[i]
				if v, ok := input[m.WireName]; ok {
					flatten(form, m, m.WireName, v)
				}
			}
		}
		body, contentType, target = []byte(form.Encode()), "application/x-www-form-urlencoded", ""
	case smithy.RESTJSON1:
		path, contentType, target = op.URI, "application/json", ""
	}
	method := http.MethodPost
	if op.Method != "" {
		method = op.Method
	}
	r, err := http.NewRequest(method, "http://127.0.0.1:4566"+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	r.RemoteAddr = "127.0.0.1:1"
	return r, body
}

// outcome is what came of a call.
type outcome struct {
	status int
	code   string
	body   string
}

var (
	xmlCode  = regexp.MustCompile(`<Code>([^<]*)</Code>`)
	jsonCode = regexp.MustCompile(`"__type":"([^"]*)"`)
)

func (n *node) call(r *http.Request) outcome {
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	o := outcome{status: w.Code, body: w.Body.String(), code: w.Header().Get("X-Amzn-Errortype")}
	for _, pattern := range []*regexp.Regexp{xmlCode, jsonCode} {
		if found := pattern.FindStringSubmatch(o.body); found != nil && o.code == "" && o.status >= http.StatusBadRequest {
			o.code = found[1]
		}
	}
	return o
}

// rootCall is a call by the root user that must succeed.
func (n *node) rootCall(t testing.TB, service, form string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://127.0.0.1:4566/", strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = "127.0.0.1:1"
	sign(t, r, []byte(form), service, testKeyID, testSecret)
	o := n.call(r)
	if o.status != http.StatusOK {
		t.Fatalf("%s: %d %s", form, o.status, o.body)
	}
	return o.body
}

// newKey makes a user without any policy and returns its access key.
func (n *node) newKey(t testing.TB, name string) (id, secret string) {
	t.Helper()
	n.rootCall(t, "iam", "Action=CreateUser&Version=2010-05-08&UserName="+name)
	var out struct {
		CreateAccessKeyResult struct {
			AccessKey struct {
				AccessKeyID     string `xml:"AccessKeyId"`
				SecretAccessKey string
			}
		}
	}
	if err := xml.Unmarshal([]byte(n.rootCall(t, "iam", "Action=CreateAccessKey&Version=2010-05-08&UserName="+name)), &out); err != nil {
		t.Fatal(err)
	}
	key := out.CreateAccessKeyResult.AccessKey
	return key.AccessKeyID, key.SecretAccessKey
}
