package weather

import (
	"context"
	"net/http"
	"strings"
	"time"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/wire"
)

// Keys puts the weather before the keys of a server: an access key that is new is not known yet.
func (w *Weather) Keys(inner wire.Keys) wire.Keys { return &keys{inner, w} }

type keys struct {
	wire.Keys
	weather *Weather
}

// Resolve implements [wire.Keys].
func (k *keys) Resolve(ctx context.Context, accessKeyID, sessionToken string, now time.Time) (string, *credential.Caller, error) {
	if k.weather.isPending(Consistency, accessKeyID) {
		k.weather.Observe(string(Consistency), "", "")
		k.weather.Logger.Info("weather", "effect", string(Consistency), "access_key_id", accessKeyID)
		return "", nil, credential.ErrUnknownKey
	}
	return k.Keys.Resolve(ctx, accessKeyID, sessionToken, now)
}

// Gate puts the weather around the gate of a server: who calls too fast is stopped before it, and a
// role that is new, or in an account that is not ready, is refused after it. Nothing that the gate
// refuses is allowed.
func (w *Weather) Gate(inner wire.Gate) wire.Gate { return &gate{inner, w} }

type gate struct {
	inner   wire.Gate
	weather *Weather
}

// Authorize implements [wire.Gate].
func (g *gate) Authorize(ctx context.Context, c *wire.Call) error {
	w := g.weather
	if w.on(Throttling) {
		who := c.Caller.AccountID
		if who == "" {
			who = c.SourceIP
		}
		if !w.limiter.allow(who, c.Service.ID, c.Operation.Name, w.Now()) {
			w.noteCall(Throttling, c.Service.ID, c.Operation, c.RequestID)
			return throttled(c.Service)
		}
	}
	if err := g.inner.Authorize(ctx, c); err != nil {
		return err
	}
	return w.refuseRole(ctx, c)
}

// throttled is each service's own error, as the wire layer's own limit answers it.
func throttled(s *smithy.Service) error {
	const message = "Rate exceeded"
	switch {
	case s.ID == "organizations":
		return &organizationsapi.TooManyRequestsException{Message: smithy.Ptr(message)}
	case s.Protocol == smithy.AWSQuery:
		return &smithy.GenericError{Code: "Throttling", Status: http.StatusBadRequest, Message: message}
	default:
		return &smithy.GenericError{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: message}
	}
}

// refuseRole refuses a role that cannot be taken on yet in the words of one that is not there.
func (w *Weather) refuseRole(ctx context.Context, c *wire.Call) error {
	role, message := "", ""
	switch in := c.Input.(type) {
	case *stsapi.AssumeRoleInput:
		role = smithy.Value(in.RoleArn)
		message = "User: " + c.Caller.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + role
	case *stsapi.AssumeRoleWithWebIdentityInput:
		role, message = smithy.Value(in.RoleArn), "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	case *stsapi.AssumeRoleWithSAMLInput:
		role, message = smithy.Value(in.RoleArn), "Not authorized to perform sts:AssumeRoleWithSAML"
	default:
		return nil
	}
	if w.isPending(Consistency, role) {
		w.noteCall(Consistency, c.Service.ID, c.Operation, c.RequestID)
		return &wire.Refusal{Message: message}
	}
	parts := strings.SplitN(role, ":", 6)
	if len(parts) < 6 {
		return nil
	}
	creating, err := w.creating(ctx, parts[4])
	if err != nil || !creating {
		return err
	}
	w.noteCall(Creation, c.Service.ID, c.Operation, c.RequestID)
	return &wire.Refusal{Message: message}
}
