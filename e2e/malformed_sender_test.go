package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// message is a request as it is to be, right or wrong.
type message struct {
	method  string
	path    string
	header  map[string]string
	body    string
	service string
	region  string
	at      time.Time
	who     as
}

const (
	formType   = "application/x-www-form-urlencoded; charset=utf-8"
	jsonType   = "application/x-amz-json-1.1"
	orgTarget  = "AWSOrganizationsV20161128."
	stsVersion = "&Version=2011-06-15"
	iamVersion = "&Version=2010-05-08"
)

// query, organizationsCall and accountCall are right requests of the three protocols.
func query(who as, service, body string) message {
	return message{method: http.MethodPost, path: "/", header: map[string]string{"Content-Type": formType}, body: body, service: service, who: who}
}

func organizationsCall(who as, operation, body string) message {
	return message{
		method: http.MethodPost, path: "/", header: map[string]string{"Content-Type": jsonType, "X-Amz-Target": orgTarget + operation},
		body: body, service: "organizations", who: who,
	}
}

func accountCall(who as, path, body string) message {
	return message{method: http.MethodPost, path: path, header: map[string]string{"Content-Type": "application/json"}, body: body, service: "account", who: who}
}

// with returns the message with another header; an empty value takes it away.
func (m message) with(name, value string) message {
	header := map[string]string{}
	for k, v := range m.header {
		header[k] = v
	}
	if header[name] = value; value == "" {
		delete(header, name)
	}
	m.header = header
	return m
}

func (m message) by(method string) message {
	m.method = method
	return m
}

// to is the message with another path, which may have a query.
func (m message) to(path string) message {
	m.path = path
	return m
}

// signed makes the HTTP request and signs it.
func (m message) signed(t testing.TB) *http.Request {
	t.Helper()
	return m.signedFor(t, hash(m.body))
}

// signedFor signs a body of that hash.
func (m message) signedFor(t testing.TB, sum string) *http.Request {
	t.Helper()
	r := m.plain(t)
	c, err := m.who.Credentials.Retrieve(context.Background())
	must(t, err)
	at, region := m.at, m.region
	if at.IsZero() {
		at = time.Now()
	}
	if region == "" {
		region = "us-east-1"
	}
	must(t, v4.NewSigner().SignHTTP(context.Background(), c, r, sum, m.service, region, at))
	return r
}

// plain makes the HTTP request without a signature.
func (m message) plain(t testing.TB) *http.Request {
	t.Helper()
	r, err := http.NewRequest(m.method, m.who.s.endpoint+m.path, strings.NewReader(m.body))
	must(t, err)
	for k, v := range m.header {
		r.Header.Set(k, v)
	}
	return r
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// answer is what came back.
type answer struct {
	status        int
	code, message string
	requestID     string
	header        http.Header
	body          []byte
}

// send sends a request and reads the answer, which must be well formed whatever was asked:
// in the protocol that its content type names, with a request id in the header and, in XML,
// in the body.
func send(t testing.TB, r *http.Request) answer {
	t.Helper()
	res, err := connection.Do(r)
	must(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return read(t, r.Method, res, body)
}

func read(t testing.TB, method string, res *http.Response, body []byte) answer {
	t.Helper()
	a := answer{status: res.StatusCode, header: res.Header, body: body, requestID: res.Header.Get("X-Amzn-Requestid")}
	if a.requestID == "" {
		t.Errorf("no request id in the header: %v", res.Header)
	}
	if a.status >= http.StatusInternalServerError && a.status != http.StatusNotImplemented {
		t.Errorf("status %d: %s", a.status, body)
	}
	if method == http.MethodHead {
		if len(body) > 0 {
			t.Errorf("HEAD was answered with a body")
		}
		return a
	}
	switch kind := res.Header.Get("Content-Type"); kind {
	case "text/xml":
		a.readXML(t)
	case jsonType, "application/json":
		a.readJSON(t)
	default:
		t.Errorf("Content-Type %q", kind)
	}
	return a
}

func (a *answer) readXML(t testing.TB) {
	t.Helper()
	var e struct {
		XMLName xml.Name
		Error   struct{ Type, Code, Message string }
		// Of an error the id stands in the root, of a response in its metadata.
		RequestID        string `xml:"RequestId"`
		ResponseMetadata struct {
			RequestID string `xml:"RequestId"`
		}
	}
	if err := xml.Unmarshal(a.body, &e); err != nil {
		t.Errorf("%v in %q", err, a.body)
		return
	}
	if a.status >= http.StatusBadRequest && (e.XMLName.Local != "ErrorResponse" || e.Error.Type != "Sender" && a.status < 500) {
		t.Errorf("status %d with %s", a.status, a.body)
	}
	if e.RequestID+e.ResponseMetadata.RequestID != a.requestID {
		t.Errorf("request id %q in the body, %q in the header", e.RequestID+e.ResponseMetadata.RequestID, a.requestID)
	}
	a.code, a.message = e.Error.Code, e.Error.Message
}

func (a *answer) readJSON(t testing.TB) {
	t.Helper()
	var e struct {
		Type         string `json:"__type"`
		Message      string `json:"message"`
		MessageUpper string `json:"Message"`
	}
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	if err := decoder.Decode(&e); err != nil && (a.status >= http.StatusBadRequest || len(a.body) > 0) {
		t.Errorf("%v in %q", err, a.body)
		return
	}
	if a.status < http.StatusBadRequest {
		return
	}
	a.code, a.message = a.header.Get("X-Amzn-Errortype"), e.Message
	if e.Message == "" {
		a.message = e.MessageUpper
	}
	if e.Type != "" && e.Type != a.code {
		t.Errorf("__type %q but X-Amzn-Errortype %q", e.Type, a.code)
	}
	if a.code == "" {
		t.Errorf("no error code: %v %s", a.header, a.body)
	}
}

// loggedOnce expects that every request has one line in the server's log, and that there is
// nothing else but what the server says at its start. A line follows its answer, so the last
// ones may have to be waited for.
func (s *server) loggedOnce(t testing.TB, ids map[string]bool) {
	t.Helper()
	lines := s.logLines()
	for end := time.Now().Add(5 * time.Second); len(missing(ids, lines)) > 0 && time.Now().Before(end); lines = s.logLines() {
		time.Sleep(10 * time.Millisecond)
	}
	for id := range ids {
		if lines[id] != 1 {
			t.Errorf("request %s has %d lines in the log", id, lines[id])
		}
	}
	for line := range strings.Lines(s.log.String()) {
		if !strings.HasPrefix(line, "time=") || strings.Contains(line, "level=ERROR") || strings.Contains(line, "level=WARN") {
			t.Errorf("the server complains: %s", line)
		}
	}
}

// logLines counts the lines of each request in the log.
func (s *server) logLines() map[string]int {
	lines := map[string]int{}
	for line := range strings.Lines(s.log.String()) {
		if _, rest, found := strings.Cut(line, "request_id="); found {
			id, _, _ := strings.Cut(rest, " ")
			lines[id]++
		}
	}
	return lines
}

func missing(ids map[string]bool, lines map[string]int) []string {
	var list []string
	for id := range ids {
		if lines[id] == 0 {
			list = append(list, id)
		}
	}
	return list
}
