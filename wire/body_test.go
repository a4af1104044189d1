package wire_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestBodies sends bodies that are as long as they say, that are not, and that do not say.
func TestBodies(t *testing.T) {
	const limit = 1 << 10 // of the bench
	for _, tt := range []struct {
		name         string
		says, has    int
		code, status string
	}{
		{"all of it", 600, 600, "MissingAuthenticationTokenException", "400"},
		{"as much as may be", limit, limit, "MissingAuthenticationTokenException", "400"},
		{"nothing", 0, 0, "MissingAuthenticationTokenException", "400"},
		{"says nothing of its length", -1, limit, "MissingAuthenticationTokenException", "400"},
		{"less than it says", 600, 599, "RequestTimeout", "400"},
		{"nothing of what it says", 600, 0, "RequestTimeout", "400"},
		{"says too much", limit + 1, limit + 1, "RequestEntityTooLarge", "413"},
		{"too much without a word", -1, limit + 1, "RequestEntityTooLarge", "413"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			r := httptest.NewRequest(http.MethodPost, "/", io.NopCloser(io.LimitReader(spaces{}, int64(tt.has))))
			r.ContentLength = int64(tt.says)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", "Target_json.Do")
			w := b.send(r)
			if got := []string{w.Header().Get("X-Amzn-Errortype"), strconv.Itoa(w.Code)}; !slices.Equal(got, []string{tt.code, tt.status}) {
				t.Errorf("%v %s", got, w.Body)
			}
		})
	}
}

// spaces is an endless body.
type spaces struct{}

// Read implements io.Reader.
func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// TestContentTypes writes the same type in many ways.
func TestContentTypes(t *testing.T) {
	for id, types := range map[string]map[string]bool{
		"json": {
			"application/x-amz-json-1.1": true, "application/x-amz-json-1.0": true, "application/json": true, "application/x-amz-json-1.1; charset=utf-8": true,
			"Application/X-Amz-JSON-1.1;charset=UTF-8": true, "application/x-amz-json-1.1;": true, "application/json ; a=b; c=\"d\"": true,
			"": false, "text/plain": false, "application/x-amz-json-1.1, text/plain": false, "application/json; charset": false, "application/x-www-form-urlencoded": false,
		},
		"query": {
			"application/x-www-form-urlencoded": true, "application/x-www-form-urlencoded; charset=utf-8": true, "APPLICATION/x-www-form-urlencoded;charset=\"utf-8\"": true,
			"": false, "application/json": false, "application/x-www-form-urlencoded; charset": false,
		},
	} {
		for text, right := range types {
			b := newBench(t)
			r, body := b.request(id, "Do", "x")
			r.Header.Set("Content-Type", text)
			if w := b.send(b.sign(r, body, id, keyID)); (w.Code == http.StatusOK) != right {
				t.Errorf("%s as %q: %d %s", id, text, w.Code, w.Body)
			}
		}
	}
}

// TestHeadersOfAnswers: each header has one value of its own, by its canonical name.
func TestHeadersOfAnswers(t *testing.T) {
	for _, id := range protocols {
		b := newBench(t)
		for _, name := range []string{"x", "far-too-long"} {
			w := b.send(b.signed(id, "Do", name))
			h := w.Header()
			for _, name := range []string{"Server", "Content-Type", "X-Amzn-Requestid"} {
				if len(h[name]) != 1 || h[name][0] == "" {
					t.Errorf("%s: %s is %q", id, name, h[name])
				}
			}
			if got := h.Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
				t.Errorf("%s: a length of %s, not of %d", id, got, w.Body.Len())
			}
			h.Add("Server", "more")
			if slices.Contains(h["Content-Length"], "more") || strings.Contains(strings.Join(h["X-Amzn-Requestid"], ""), "more") {
				t.Errorf("%s: headers share their values: %v", id, h)
			}
		}
	}
}
