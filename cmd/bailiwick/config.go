package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/wire"
)

// serverFlags are the settings of a server.
type serverFlags struct {
	Listen         string `help:"Address and port to listen on. Anything but a loopback address needs TLS or --insecure-listen." default:"127.0.0.1:4566" env:"BAILIWICK_LISTEN" placeholder:"ADDR"`
	TLSCert        string `name:"tls-cert" help:"Serve TLS with this certificate (PEM). It is read again when the files change, and on SIGHUP." env:"BAILIWICK_TLS_CERT" placeholder:"FILE" and:"tls"`
	TLSKey         string `name:"tls-key" help:"The certificate's private key (PEM)." env:"BAILIWICK_TLS_KEY" placeholder:"FILE" and:"tls"`
	PublicURL      string `name:"public-url" help:"URL at which others reach this server, as the issuers of web identity tokens name it; default: the endpoint that is listened on." env:"BAILIWICK_PUBLIC_URL" placeholder:"URL"`
	InsecureListen bool   `help:"Allow plain HTTP on an address that others can reach." env:"BAILIWICK_INSECURE_LISTEN"`

	DataDir     string `help:"Folder of the database, the master key and the first credentials (default: ${datadir})." env:"BAILIWICK_DATA_DIR" placeholder:"DIR"`
	DatabaseURL string `name:"database-url" help:"Keep the data in this PostgreSQL database instead of the folder." env:"BAILIWICK_DATABASE_URL" placeholder:"URL" xor:"store"`
	Ephemeral   bool   `help:"Keep everything in memory; nothing outlives the process." env:"BAILIWICK_EPHEMERAL" xor:"store"`

	keyFlags

	// now is the clock; nil is the system's.
	now func() time.Time

	OperatorToken string `help:"Token of the operator's API under /_bailiwick/; default: the file operator-token in the data folder, made at the first start." env:"BAILIWICK_OPERATOR_TOKEN" placeholder:"TOKEN"`

	AccountID           string `name:"account-id" help:"First start: id of the first account (12 digits); default: random." env:"BAILIWICK_ACCOUNT_ID" placeholder:"ID"`
	AccountName         string `name:"account-name" help:"First start: name of the first account." default:"Management" env:"BAILIWICK_ACCOUNT_NAME" placeholder:"NAME"`
	RootEmail           string `name:"root-email" help:"First start: e-mail address of its root user." default:"root@example.com" env:"BAILIWICK_ROOT_EMAIL" placeholder:"EMAIL"`
	RootAccessKeyID     string `name:"root-access-key-id" help:"First start: access key id of its root user; default: random." env:"BAILIWICK_ROOT_ACCESS_KEY_ID" placeholder:"ID" and:"rootkey"`
	RootSecretAccessKey string `name:"root-secret-access-key" help:"First start: the secret of that key." env:"BAILIWICK_ROOT_SECRET_ACCESS_KEY" placeholder:"SECRET" and:"rootkey"`

	AccountLimit      int     `help:"How many accounts an organization may have, in place of AWS's default of 10; for one organization see bailiwick quota." default:"100000" env:"BAILIWICK_ACCOUNT_LIMIT" placeholder:"N"`
	AuditDays         int     `help:"How many days events of the audit log are kept." default:"90" env:"BAILIWICK_AUDIT_DAYS" placeholder:"N"`
	RateLimit         float64 `help:"How many requests a second each account may make to each service; more are answered with the service's throttling error. 0 sets no limit." default:"10000" env:"BAILIWICK_RATE_LIMIT" placeholder:"N"`
	RateBurst         int     `help:"How many requests may come at once before --rate-limit counts." default:"20000" env:"BAILIWICK_RATE_BURST" placeholder:"N"`
	TrustForwardedFor bool    `help:"Take client addresses from X-Forwarded-For: only behind a proxy that sets it." env:"BAILIWICK_TRUST_FORWARDED_FOR"`
	traceFlags
	LogLevel  string `help:"Least level of log lines: ${enum}." enum:"debug,info,warn,error" default:"info" env:"BAILIWICK_LOG_LEVEL" placeholder:"LEVEL"`
	LogFormat string `help:"Form of log lines: ${enum}." enum:"text,json" default:"text" env:"BAILIWICK_LOG_FORMAT" placeholder:"FORMAT"`

	Weather weatherFlag `help:"Behave as AWS does in ways that programs have to live with: mild (the default), rough, seed=N, EFFECT=off, EFFECT=2s-10s, with commas between; see docs/weather.md." env:"BAILIWICK_WEATHER" placeholder:"SETTINGS"`
}

// settings are the limits of all organizations.
func (f *serverFlags) settings() org.Settings { return org.Settings{AccountLimit: f.AccountLimit} }

// logger returns the log and its level, which can be changed while the server runs.
func (f *serverFlags) logger() (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(f.level())
	options := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), level
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options)), level
}

func (f *serverFlags) level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// check refuses settings that would be unsafe or contradict each other.
func (f *serverFlags) check() error {
	if f.DataDir == "" {
		f.DataDir = defaultDataDir()
	}
	host, _, err := net.SplitHostPort(f.Listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w", f.Listen, err)
	}
	if f.TLSCert == "" && !f.InsecureListen && !isLoopback(host) {
		return fmt.Errorf("--listen %s can be reached by others: give --tls-cert and --tls-key, or --insecure-listen if something in front of it does TLS", f.Listen)
	}
	if err := f.checkPublicURL(); err != nil {
		return err
	}
	if f.AccountLimit < 1 || f.AuditDays < 1 {
		return errors.New("--account-limit and --audit-days are at least 1")
	}
	if f.RateLimit < 0 || f.RateLimit > 0 && f.RateBurst < 1 {
		return errors.New("--rate-limit is at least 0, and --rate-burst at least 1 with it")
	}
	if f.OperatorToken != "" && len(f.OperatorToken) < 16 {
		return errors.New("--operator-token is too short: at least 16 characters")
	}
	if f.RootSecretAccessKey != "" && len(f.RootSecretAccessKey) < 16 {
		return errors.New("--root-secret-access-key is too short: at least 16 characters")
	}
	return nil
}

// checkPublicURL refuses what cannot be the beginning of an issuer: see OpenID Connect Discovery
// 1.0, section 2.
func (f *serverFlags) checkPublicURL() error {
	if f.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(f.PublicURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--public-url %q: it must be an http or https URL without user, query and fragment", f.PublicURL)
	}
	f.PublicURL = strings.TrimRight(f.PublicURL, "/")
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// defaultDataDir follows the XDG base directory specification.
func defaultDataDir() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "bailiwick")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "bailiwick-data"
	}
	return filepath.Join(home, ".local", "share", "bailiwick")
}

// usesFolder reports whether anything is kept in the data folder.
func (f *serverFlags) usesFolder() bool { return !f.Ephemeral }

func (f *serverFlags) prepareFolder() error {
	if !f.usesFolder() {
		return nil
	}
	if err := os.MkdirAll(f.DataDir, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	return nil
}

func (f *serverFlags) storeOptions(logger *slog.Logger) store.Options {
	o := store.Options{Logger: logger, Now: f.now}
	switch {
	case f.DatabaseURL != "":
		o.URL = f.DatabaseURL
	case f.Ephemeral:
		o.Memory = true
	default:
		o.Path = filepath.Join(f.DataDir, "bailiwick.db")
	}
	return o
}

// rate is the limit on what each account asks of each service.
func (f *serverFlags) rate() wire.Rate {
	if f.RateLimit == 0 {
		return wire.Rate{}
	}
	return wire.Rate{PerSecond: f.RateLimit, Burst: f.RateBurst}
}

// keyring loads the master keys.
func (f *serverFlags) keyring(ctx context.Context) (*credential.Keyring, error) {
	keys, err := f.load(ctx, f.keyFolder())
	if err != nil {
		return nil, err
	}
	return credential.NewKeyring(keys[0], keys[1:]...), nil
}

// keyFolder is where the file of the master keys is looked for.
func (f *serverFlags) keyFolder() string {
	if !f.usesFolder() {
		return ""
	}
	return f.DataDir
}
