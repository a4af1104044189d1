package operator

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// How wrong tokens are slowed: a wrong one is answered after wrongTokenDelay, and so many wait
// at once on a node; for more there is an answer at once, and no line in the log. The right
// token never waits: whoever guesses cannot keep the operator out. What makes guessing
// hopeless is the length of the token; this keeps guesses from costing anybody else anything.
const (
	wrongTokenDelay = 500 * time.Millisecond
	maxGuesses      = 64
)

const tooManyGuesses = "too many wrong tokens at once"

// guesses holds one place for each wrong token whose answer waits.
type guesses chan struct{}

func newGuesses() guesses { return make(guesses, maxGuesses) }

const bearerPrefix = "Bearer "

// bearer reports whether a request comes with a bearer token.
func bearer(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), bearerPrefix)
}

// isOperator reports whether the request carries the operator's token.
func (a *api) isOperator(r *http.Request) bool {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), bearerPrefix)
	if !ok || a.Token == "" {
		return false
	}
	want, got := sha256.Sum256([]byte(a.Token)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// slowDown counts a wrong token and holds its answer back. It is in the log, too: somebody
// guesses, or something is set up wrongly. The result is false if too many wait already.
func (a *api) slowDown(r *http.Request) bool {
	if a.WrongToken != nil {
		a.WrongToken()
	}
	select {
	case a.guesses <- struct{}{}:
	default:
		return false
	}
	defer func() { <-a.guesses }()
	a.Logger.Warn("a wrong operator's token was given", "from", r.RemoteAddr, "method", r.Method, "path", r.URL.Path)
	wait := time.NewTimer(wrongTokenDelay)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-r.Context().Done():
	}
	return true
}

// refuseToken answers a wrong token where a signature would do as well. The body is not read.
func (a *api) refuseToken(w http.ResponseWriter, r *http.Request) {
	p := &problem{status: http.StatusUnauthorized, Code: "Unauthorized", Message: "the operator's token is required, or a signature"}
	if !a.slowDown(r) {
		w.Header().Set("Retry-After", "1")
		p = &problem{status: http.StatusTooManyRequests, Code: "TooManyRequests", Message: tooManyGuesses}
	}
	a.refuse(w, p)
}
