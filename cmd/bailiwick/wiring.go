package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	accountapi "github.com/bailiwick/bailiwick/api/account"
	cloudtrailapi "github.com/bailiwick/bailiwick/api/cloudtrail"
	iamapi "github.com/bailiwick/bailiwick/api/iam"
	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	resourcegroupstaggingapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	stsapi "github.com/bailiwick/bailiwick/api/sts"
	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authn"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	domainiam "github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/metrics"
	"github.com/bailiwick/bailiwick/oidc"
	"github.com/bailiwick/bailiwick/operator"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/policy/serviceauth"
	"github.com/bailiwick/bailiwick/service/account"
	"github.com/bailiwick/bailiwick/service/cloudtrail"
	"github.com/bailiwick/bailiwick/service/iam"
	"github.com/bailiwick/bailiwick/service/organizations"
	tags "github.com/bailiwick/bailiwick/service/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/service/sts"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/tracing"
	"github.com/bailiwick/bailiwick/wire"
)

// node is one running server without its sockets: everything tied together.
type node struct {
	// publicURL is where others reach the server.
	publicURL string

	db       *store.DB
	vault    *credential.Vault
	events   *audit.Queue
	keys     *authn.Resolver
	handler  http.Handler
	first    firstAccount
	operator string
	metrics  *metrics.Metrics
	// tracer is nil where nothing is traced.
	tracer *tracing.Tracer
	// resources is what the operator's API asks about registered resources.
	resources *operator.Resources
	rotation  *rotation
	logger    *slog.Logger
	days      int
}

// newNode opens the store, makes the first account if there is none, and ties the parts
// together.
func newNode(ctx context.Context, f *serverFlags, logger *slog.Logger) (_ *node, err error) {
	if err := f.prepareFolder(); err != nil {
		return nil, err
	}
	n := &node{metrics: metrics.New(), logger: logger, days: f.AuditDays, publicURL: f.PublicURL}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close(ctx))
		}
	}()
	options := f.storeOptions(logger)
	options.Observer, options.Version = n.metrics, buildVersion()
	if err := n.startTracing(ctx, f, &options); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, options)
	if err != nil {
		return nil, f.explainDamage(err)
	}
	n.db = db
	ring, err := f.keyring(ctx)
	if err != nil {
		return nil, err
	}
	if n.vault, err = credential.NewVault(ring); err != nil {
		return nil, err
	}
	n.rotation = &rotation{flags: f, ring: ring, vault: n.vault, db: n.db, logger: logger}
	if n.first, err = bootstrap(ctx, db, n.vault, f); err != nil {
		return nil, err
	}
	if n.operator, err = operatorToken(f); err != nil {
		return nil, err
	}
	n.events = audit.NewQueue(db, logger)
	sealer := credential.NewSealer(ring)
	if n.keys, err = newResolver(db, n.vault, sealer); err != nil {
		return nil, err
	}
	apis, err := n.apis(f, sealer)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(operator.Prefix, operator.New(operator.Config{
		DB: db, Vault: n.vault, Token: n.operator, Version: buildVersion(), Logger: logger,
		Settings: f.settings(), Metrics: n.metrics.Handler(logger), Resources: n.resources,
		WrongToken: n.metrics.WrongToken,
	}))
	mux.Handle(oidc.Path, &oidc.Publisher{PublicURL: n.publicURL, Keys: issuerKeys(db), Logger: logger})
	n.handler = splitByPath(mux, apis)
	return n, nil
}

// splitByPath sends the operator's paths to the operator's API and everything else, as it
// came, to the AWS APIs: a ServeMux would clean and redirect paths that are part of a
// signature.
func splitByPath(operatorAPI, apis http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) >= len(operator.Prefix) && r.URL.Path[:len(operator.Prefix)] == operator.Prefix {
			operatorAPI.ServeHTTP(w, r)
			return
		}
		apis.ServeHTTP(w, r)
	})
}

// issuerKeys lets the publisher of keys read those of an issuer.
func issuerKeys(db *store.DB) func(context.Context, string) ([]oidc.PublicKey, bool, error) {
	return func(ctx context.Context, issuerID string) (out []oidc.PublicKey, ok bool, err error) {
		err = db.View(ctx, func(tx *store.Tx) error {
			var keys []domainiam.OutboundKey
			keys, ok, err = domainiam.OutboundPublished(ctx, tx, issuerID)
			out = nil
			for _, k := range keys {
				out = append(out, oidc.PublicKey{ID: k.ID, Algorithm: k.Algorithm, DER: k.Public})
			}
			return err
		})
		if errors.Is(err, store.ErrText) {
			return nil, false, nil // nothing can have such an id
		}
		return out, ok, err
	}
}

func newResolver(db *store.DB, vault *credential.Vault, sealer *credential.Sealer) (*authn.Resolver, error) {
	return authn.New(authn.Config{
		View: func(ctx context.Context, fn func(domainiam.Tx) error) error {
			return db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Update: func(ctx context.Context, fn func(domainiam.Tx) error) error {
			return db.Update(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: db.Revision, Vault: vault, Sealer: sealer,
	})
}

// services are the implementations, with their authorization rows.
type services struct {
	organizations *organizations.Service
	iam           *iam.Service
	sts           *sts.Service
	account       *account.Service
	cloudtrail    *cloudtrail.Service
	tags          *tags.Service
}

func newServices(n *node, sealer *credential.Sealer, policies *authz.Compiler, settings org.Settings) *services {
	return &services{
		organizations: &organizations.Service{DB: n.db, Settings: settings, Policies: policies},
		iam:           &iam.Service{DB: n.db, Vault: n.vault, FlushUses: n.keys.Flush},
		sts:           &sts.Service{DB: n.db, Vault: n.vault, Sealer: sealer, Policies: policies},
		account:       &account.Service{DB: n.db, Vault: n.vault},
		cloudtrail:    &cloudtrail.Service{DB: n.db, Events: n.events},
		tags:          &tags.Service{DB: n.db},
	}
}

// rows are the authorization tables by service.
func (s *services) rows() map[string][]authz.Row {
	return map[string][]authz.Row{
		"organizations": s.organizations.Rows(),
		"iam":           s.iam.Rows(),
		"sts":           s.sts.Rows(),
		"account":       s.account.Rows(),
		"cloudtrail":    s.cloudtrail.Rows(),

		"resourcegroupstaggingapi": s.tags.Rows(),
	}
}

// mounts are the services as the wire layer serves them. The newer services allow clocks to
// be off by five minutes, IAM and STS by fifteen.
func (s *services) mounts() []wire.Mount {
	const newer = 5 * time.Minute
	mounts := []wire.Mount{
		{
			Handler: organizationsapi.Handler(s.organizations), Invalid: organizations.Invalid, Internal: organizations.Internal, Skew: newer,
			Throttled: func(message string) error {
				return &organizationsapi.TooManyRequestsException{Message: &message}
			},
		},
		{Handler: iamapi.Handler(s.iam), Internal: iam.Internal},
		{Handler: stsapi.Handler(s.sts), Responds: func(op string) bool { return op != "GetCallerIdentity" }},
		{Handler: accountapi.Handler(s.account), Invalid: account.Invalid, Internal: account.Internal, Skew: newer},
		{Handler: resourcegroupstaggingapi.Handler(s.tags), Invalid: tags.Invalid, Internal: tags.Internal, Throttled: tags.Throttled, Skew: newer},
		{Handler: cloudtrailapi.Handler(s.cloudtrail), Invalid: cloudtrail.Invalid, Skew: newer},
	}
	for i := range mounts {
		mounts[i].ReadOnly = readOnly(mounts[i].Handler.Service)
	}
	return mounts
}

// readOnly answers from the access level of the operation's action. STS issues credentials
// and changes nothing: CloudTrail calls all of it read-only but tokens for others.
func readOnly(s *smithy.Service) func(string) bool {
	if s.ID == "sts" {
		return func(operation string) bool { return operation != "GetWebIdentityToken" }
	}
	reference, known := serviceauth.Lookup(actionPrefix(s))
	return func(operation string) bool {
		if !known {
			return false
		}
		action, ok := reference.Action(operation)
		return ok && (action.AccessLevel == serviceauth.List || action.AccessLevel == serviceauth.Read)
	}
}

// actionPrefix is what the service's IAM actions begin with.
func actionPrefix(s *smithy.Service) string {
	if s.SigningName == "tagging" {
		return "tag"
	}
	return s.SigningName
}

// apis ties the services to the wire layer.
func (n *node) apis(f *serverFlags, sealer *credential.Sealer) (http.Handler, error) {
	policies, err := authz.NewCompiler()
	if err != nil {
		return nil, err
	}
	s := newServices(n, sealer, policies, f.settings())
	s.iam.PublicURL, s.sts.PublicURL = n.publicURL, n.publicURL
	authorizer, err := authz.New(authz.Config{
		View: func(ctx context.Context, fn func(authz.Tx) error) error {
			return n.db.View(ctx, func(tx *store.Tx) error { return fn(tx) })
		},
		Revision: n.db.Revision, Policies: policies, Rows: s.rows(),
	})
	if err != nil {
		return nil, err
	}
	s.iam.Check, s.tags.Gate = authorizer.Check, authorizer
	mounts := s.mounts()
	config, err := n.underWeather(f, wire.Config{
		Mounts: mounts, Keys: n.keys, Gate: gate{authorizer}, Audit: n.events, Logger: n.logger,
		TrustForwardedFor: f.TrustForwardedFor, Rate: f.rate(), Observer: n.metrics,
		Unavailable: store.Unavailable, Now: f.now,
	})
	if err != nil {
		return nil, err
	}
	if n.tracer != nil {
		config.Tracer = n.tracer
	}
	served, err := wire.New(config)
	if err != nil {
		return nil, err
	}
	n.describe(mounts, authorizer, served)
	n.resources = &operator.Resources{Authenticate: served.Authenticate, Authorizer: authorizer, Audit: n.events, Now: n.db.Now}
	return served, nil
}

// gate lets the wire layer ask the authorizer.
type gate struct{ authorizer *authz.Authorizer }

// globalRegion is where the global services live: requests to them are made to this region
// whatever region their signature names.
const globalRegion = "us-east-1"

// Authorize implements wire.Gate.
func (g gate) Authorize(ctx context.Context, c *wire.Call) error {
	region := c.Region
	switch c.Service.ID {
	case "organizations", "iam", "account":
		region = globalRegion
	}
	err := g.authorizer.Authorize(ctx, &authz.Request{
		Service: c.Service.ID, Operation: c.Operation.Name, Caller: c.Caller, Input: c.Input,
		Environment: authz.Environment{
			Time: c.Time, SourceIP: c.SourceIP, UserAgent: c.UserAgent, Referer: c.Referer, TLS: c.TLS, Region: region,
		},
	})
	var denied *authz.DeniedError
	switch {
	case errors.As(err, &denied):
		refusal := &wire.Refusal{Message: denied.Message, Decision: denied.JSON()}
		if c.Service.ID == "organizations" {
			refusal.Modeled = organizations.Denied(denied.Action)
		}
		return refusal
	case errors.Is(err, authz.ErrNoRow):
		return &smithy.NotImplementedError{Service: c.Service.ID, Operation: c.Operation.Name}
	case errors.Is(err, authz.ErrPrincipalGone):
		return credential.ErrUnknownKey
	case errors.Is(err, store.ErrText):
		// A row looked something up under a name that nothing can have.
		return &smithy.SerializationError{Message: "A value contains a character that is not allowed"}
	}
	return err
}

// close writes what waits and lets go of everything.
func (n *node) close(ctx context.Context) error {
	if n.events != nil {
		n.events.Close()
	}
	var err error
	if n.keys != nil {
		err = n.keys.Flush(ctx)
	}
	if n.db != nil {
		err = errors.Join(err, n.db.Close())
	}
	if n.tracer != nil {
		err = errors.Join(err, n.tracer.Close())
	}
	return err
}
