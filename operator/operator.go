package operator

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/audit"
	"github.com/bailiwick/bailiwick/authz"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/wire"
)

// Prefix is the path below which the operator's API lies.
const Prefix = "/_bailiwick/"

// maxBody bounds the body of a request, in bytes.
const maxBody = 64 << 10

// Config says what the API needs. All fields but Settings, Metrics, Resources and WrongToken are
// required.
type Config struct {
	DB      *store.DB
	Vault   *credential.Vault
	Token   string
	Version string
	Logger  *slog.Logger
	// Settings are the limits of all organizations.
	Settings org.Settings
	// Metrics answers GET /_bailiwick/metrics; nil means that there is no such page.
	Metrics http.Handler
	// Resources are the API of registered resources and of decisions about them; nil means
	// that there is none.
	Resources *Resources
	// WrongToken is told of each wrong operator's token; nil means that nobody counts them.
	WrongToken func()
}

// Resources is what the API of registered resources needs. All fields are required.
type Resources struct {
	// Authenticate proves who signed a request for a service of that name.
	Authenticate func(r *http.Request, body []byte, service string) (*wire.Signed, error)
	Authorizer   *authz.Authorizer
	Audit        *audit.Queue
	Now          func() time.Time
}

type api struct {
	Config
	*Resources
	guesses guesses
}

// New returns the handler of everything under Prefix.
func New(c Config) http.Handler {
	a := &api{Config: c, Resources: c.Resources, guesses: newGuesses()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Prefix+"health", func(w http.ResponseWriter, _ *http.Request) {
		a.write(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET "+Prefix+"ready", a.ready)
	mux.HandleFunc("GET "+Prefix+"version", func(w http.ResponseWriter, _ *http.Request) {
		a.write(w, http.StatusOK, map[string]string{"version": c.Version})
	})
	if c.Metrics != nil {
		mux.Handle("GET "+Prefix+"metrics", metricsPage(c.Metrics))
	}
	mux.HandleFunc("POST "+Prefix+"accounts", a.authorized(a.createAccount))
	mux.HandleFunc("POST "+Prefix+"accounts/{id}/verify-email", a.authorized(a.verifyEmail))
	mux.HandleFunc("GET "+Prefix+"accounts/{id}/codes", a.authorized(a.oneTimeCodes))
	a.quotaRoutes(mux)
	if c.Resources != nil {
		mux.HandleFunc("GET "+Prefix+"v1/resources", a.either("ListResources", true, a.listResources))
		mux.HandleFunc("POST "+Prefix+"v1/resources/apply", a.either("ApplyResources", false, a.applyResources))
		mux.HandleFunc("GET "+Prefix+"v1/resource", a.either("DescribeResource", true, a.showResource))
		mux.HandleFunc("PUT "+Prefix+"v1/resource", a.either("RegisterResource", false, a.putResource))
		mux.HandleFunc("DELETE "+Prefix+"v1/resource", a.either("DeregisterResource", false, a.removeResource))
		mux.HandleFunc("POST "+Prefix+"v1/authorize", a.either("Authorize", true, a.authorize))
	}
	a.partnerRoutes(mux)
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, _ *http.Request) { a.fail(w, http.StatusNotFound, "there is nothing here") })
	return mux
}

// authorized lets through only who sends the operator's token as a bearer token.
func (a *api) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if a.isOperator(r) {
			next(w, r)
			return
		}
		if bearer(r) && !a.slowDown(r) {
			w.Header().Set("Retry-After", "1")
			a.fail(w, http.StatusTooManyRequests, tooManyGuesses)
			return
		}
		w.Header().Set("WWW-Authenticate", `Bearer realm="bailiwick operator"`)
		a.fail(w, http.StatusUnauthorized, "the operator's token is required")
	}
}

// readyTime is how long the store has to answer before the node counts as not ready.
const readyTime = 2 * time.Second

// readsOnly as the query's "for" asks for nodes that can answer what only reads.
const readsOnly = "reads"

// ready answers once the store answers and takes writes. With for=reads it is enough that it
// answers: where the disk of all nodes is full, taking them all away would stop what still
// works.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	// A load balancer must know before its own patience ends.
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	err := a.DB.View(ctx, func(tx *store.Tx) error {
		_, _, err := tx.Setting("bailiwick/ready")
		return err
	})
	if err != nil {
		a.Logger.Error("not ready", "error", err)
		a.fail(w, http.StatusServiceUnavailable, "the store does not answer")
		return
	}
	if r.URL.Query().Get("for") != readsOnly {
		if err := a.DB.TakesWrites(ctx); err != nil {
			a.Logger.Error("not ready to write", "error", err)
			message := "the store takes no writes"
			if errors.Is(err, store.ErrFull) {
				message += ": the disk is full"
			}
			a.fail(w, http.StatusServiceUnavailable, message)
			return
		}
	}
	a.write(w, http.StatusOK, map[string]string{"status": "ready"})
}

// CreateAccountInput asks for a standalone account.
type CreateAccountInput struct {
	Name, Email string
	// AccountID may choose the account's id; empty means a random one.
	AccountID string `json:"AccountId"`
	// EmailUnverified leaves the proof that the e-mail address is the owner's for later: until
	// then an organization of this account cannot invite others.
	EmailUnverified bool
}

// CreateAccountOutput is the new account with the access key of its root user.
type CreateAccountOutput struct {
	AccountID       string `json:"AccountId"`
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
}

func (a *api) createAccount(w http.ResponseWriter, r *http.Request) {
	var in CreateAccountInput
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		a.fail(w, http.StatusBadRequest, "the body is not the JSON that is expected: "+err.Error())
		return
	}
	if in.Name == "" || !strings.Contains(in.Email, "@") {
		a.fail(w, http.StatusBadRequest, "Name and Email are required")
		return
	}
	out, err := a.openAccount(r.Context(), in)
	switch {
	case errors.Is(err, org.ErrAccountExists), errors.Is(err, org.ErrEmailExists):
		a.fail(w, http.StatusConflict, strings.TrimPrefix(err.Error(), "org: "))
	case errors.Is(err, org.ErrInvalidAccount):
		a.fail(w, http.StatusBadRequest, strings.TrimPrefix(err.Error(), "org: "))
	case err != nil:
		a.Logger.Error("create account", "error", err)
		a.broken(w, err)
	default:
		a.Logger.Info("account created", "account", out.AccountID)
		a.write(w, http.StatusCreated, out)
	}
}

func (a *api) openAccount(ctx context.Context, in CreateAccountInput) (out CreateAccountOutput, err error) {
	err = a.DB.Update(ctx, func(tx *store.Tx) error {
		account, err := org.CreateStandaloneAccount(ctx, tx, in.AccountID, in.Name, in.Email)
		if err != nil {
			return err
		}
		if in.EmailUnverified {
			if err := org.UnverifyEmail(ctx, tx, account.ID); err != nil {
				return err
			}
		}
		out.AccountID = account.ID
		out.AccessKeyID = credential.NewAccessKeyID(credential.LongTerm, account.ID, tx.Rand())
		out.SecretAccessKey = credential.NewSecret(tx.Rand())
		sealed, err := a.Vault.Seal(out.AccessKeyID, []byte(out.SecretAccessKey))
		if err != nil {
			return err
		}
		return iam.CreateRootAccessKey(ctx, tx, account.ID, out.AccessKeyID, sealed)
	})
	return out, err
}

// verifyEmail notes that the owner of an account has proved to own its e-mail address. AWS
// sends a link by mail; here the operator vouches for it.
func (a *api) verifyEmail(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	err := a.DB.Update(r.Context(), func(tx *store.Tx) error { return org.VerifyEmail(r.Context(), tx, id) })
	var rule *org.Error
	switch {
	case errors.As(err, &rule):
		a.fail(w, http.StatusNotFound, rule.Message)
	case err != nil:
		a.Logger.Error("verify e-mail", "account", id, "error", err)
		a.broken(w, err)
	default:
		a.Logger.Info("e-mail address verified", "account", id)
		a.write(w, http.StatusOK, map[string]string{"AccountId": id})
	}
}

// broken answers a failure that is not the caller's fault; the log has said why.
func (a *api) broken(w http.ResponseWriter, err error) {
	if store.Unavailable(err) {
		a.fail(w, http.StatusServiceUnavailable, "the store cannot be used at this time")
		return
	}
	a.fail(w, http.StatusInternalServerError, "internal failure")
}

func (a *api) fail(w http.ResponseWriter, status int, message string) {
	a.write(w, status, map[string]string{"message": message})
}

func (a *api) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		a.Logger.Debug("the client went away", "error", err)
	}
}
