package operator_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bailiwick/bailiwick/operator"
	"github.com/bailiwick/bailiwick/store/storetest"
)

// TestWrongTokens gives wrong tokens by the hundred: each is counted, few are answered with a
// wait, the others at once that there are too many, and the right one works meanwhile.
func TestWrongTokens(t *testing.T) {
	const token = "operator-secret"
	var counted, unauthorized, tooMany atomic.Int64
	h := operator.New(operator.Config{
		DB: storetest.Memory().Open(t), Token: token, Logger: slog.New(slog.DiscardHandler),
		WrongToken: func() { counted.Add(1) }, Resources: &operator.Resources{},
	})
	call := func(token, path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, operator.Prefix+path, strings.NewReader(""))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const guesses = 200
	begun := time.Now()
	var all sync.WaitGroup
	for i := range guesses {
		all.Go(func() {
			switch w := call("wrong", []string{"organizations/o-0000000000/quotas", "v1/resources"}[i%2]); w.Code {
			case http.StatusUnauthorized:
				unauthorized.Add(1)
			case http.StatusTooManyRequests:
				tooMany.Add(1)
				if w.Header().Get("Retry-After") == "" {
					t.Error("nothing says when to come again")
				}
			default:
				t.Errorf("a wrong token: %d", w.Code)
			}
		})
	}
	for range 3 {
		if w := call(token, "organizations/o-0000000000/quotas"); w.Code != http.StatusNotFound {
			t.Errorf("the right token among wrong ones: %d %s", w.Code, w.Body)
		}
	}
	all.Wait()
	if counted.Load() != guesses || unauthorized.Load()+tooMany.Load() != guesses || tooMany.Load() == 0 || unauthorized.Load() == 0 {
		t.Errorf("%d counted, %d refused, %d too many", counted.Load(), unauthorized.Load(), tooMany.Load())
	}
	if took := time.Since(begun); took < 400*time.Millisecond {
		t.Errorf("wrong tokens were answered within %v", took)
	}
	if w := call(token, "organizations/o-0000000000/quotas"); w.Code != http.StatusNotFound {
		t.Errorf("the right token afterwards: %d", w.Code)
	}
}
