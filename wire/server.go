package wire

import (
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire/sigv4"
)

// DefaultMaxBody is the largest request body that is read, in bytes. The largest document
// that any operation takes is far below it.
const DefaultMaxBody = 1 << 20

// signingKeys is how many derived signing keys are kept.
const signingKeys = 8192

// Mount is a service on the server.
type Mount struct {
	Handler smithy.Handler
	// ReadOnly reports whether the operation changes nothing; the audit event says so.
	ReadOnly func(operation string) bool
	// Responds reports whether the audit event of a read-only operation keeps its response, as
	// CloudTrail does for credentials that are issued; nil means never.
	Responds func(operation string) bool
	// Invalid makes the service's own validation error; nil means ValidationException (JSON)
	// or ValidationError (query).
	Invalid func(vs []smithy.Violation) error
	// Internal makes the service's own internal failure; nil means InternalFailure.
	Internal func(requestID string) error
	// Throttled makes the service's own error for requests that come too fast; nil means
	// Throttling (query), ThrottlingException (JSON) or TooManyRequestsException (REST).
	Throttled func(message string) error
	// Skew is how far the clock of a client may be off; zero means 15 minutes.
	Skew time.Duration
}

// Config says what a server needs. The fields of the first group are required.
type Config struct {
	Mounts []Mount
	Keys   Keys
	Gate   Gate
	Audit  *audit.Queue
	Logger *slog.Logger

	// Now, the clock of requests and their log lines, and Rand are time.Now and crypto/rand
	// unless given.
	Now  func() time.Time
	Rand io.Reader
	// MaxBody is DefaultMaxBody unless given.
	MaxBody int64
	// TrustForwardedFor takes the client's address from the last X-Forwarded-For entry: only
	// behind a proxy that sets it.
	TrustForwardedFor bool
	// Unavailable reports whether an error is a passing failure of what the services stand on:
	// it is answered with ServiceUnavailable, status 503. Nil means that none is.
	Unavailable func(err error) bool
	// Rate limits how fast each account calls each service; zero means as fast as it likes.
	Rate Rate
	// Observer learns of each request; nil means nobody does.
	Observer Observer
	// Tracer follows each request through its steps; nil means that nobody does.
	Tracer Tracer
}

// Server answers the AWS APIs of all mounted services at one address.
type Server struct {
	Config
	registry    *registry
	signingKeys *sigv4.KeyCache
	limiter     *limiter
}

// New checks the configuration and returns a server.
func New(c Config) (*Server, error) {
	if c.Keys == nil || c.Gate == nil || c.Audit == nil || c.Logger == nil || len(c.Mounts) == 0 {
		return nil, errors.New("wire: Mounts, Keys, Gate, Audit and Logger are required")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.MaxBody == 0 {
		c.MaxBody = DefaultMaxBody
	}
	reg, err := newRegistry(c.Mounts)
	if err != nil {
		return nil, err
	}
	s := &Server{Config: c, registry: reg, signingKeys: sigv4.NewKeyCache(signingKeys)}
	switch {
	case c.Rate.PerSecond < 0 || c.Rate.Burst < 0 || (c.Rate.PerSecond > 0) != (c.Rate.Burst > 0):
		return nil, errors.New("wire: a Rate has both PerSecond and Burst")
	case c.Rate.PerSecond > 0:
		s.limiter = newLimiter(c.Rate, maxBuckets)
	}
	return s, nil
}

// SigningKeys returns how many derived signing keys are kept, and how often the one that was
// wanted was among them and how often not.
func (s *Server) SigningKeys() (entries int, hits, misses uint64) { return s.signingKeys.Figures() }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x, err := s.begin(r)
	if err != nil {
		s.Logger.Error("no request id", "error", err)
		http.Error(w, "internal failure", http.StatusInternalServerError)
		return
	}
	if s.Tracer != nil {
		x.request = r.WithContext(s.Tracer.Request(r, x.requestID))
	}
	x.run()
	x.respond(w)
	x.took = s.Now().Sub(x.started)
	x.log()
	x.observe()
}
