package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Names of the environment variables that this package reads.
const (
	urlVariable  = "BAILIWICK_TEST_POSTGRES_URL"
	skipVariable = "BAILIWICK_TEST_SKIP_POSTGRES"
)

// timeLimit bounds each step: starting the server, making or dropping a database.
const timeLimit = 60 * time.Second

// server is the server of this process, started once.
var server struct {
	once sync.Once
	url  string
	err  error
}

// templates are the databases that Clone has prepared in this process, by name.
var templates struct {
	sync.Mutex
	made map[string]error
}

// Database returns the URL of an empty database, which is dropped when the test ends.
func Database(t testing.TB) string {
	t.Helper()
	base := serverURL(t)
	return create(t, base, "")
}

// Clone returns the URL of a copy of the database that prepare filled. prepare runs once in
// the process for each name; it must close its connections. On a server of somebody else's
// nothing can stay behind for later copies, so there prepare runs for each database.
func Clone(t testing.TB, name string, prepare func(url string) error) string {
	t.Helper()
	base := serverURL(t)
	if os.Getenv(urlVariable) != "" {
		database := create(t, base, "")
		if err := prepare(database); err != nil {
			t.Fatalf("pgtest: prepare database: %v", err)
		}
		return database
	}
	template := fmt.Sprintf("bailiwick_%d_%s", os.Getpid(), name)
	templates.Lock()
	err, made := templates.made[template]
	if !made {
		err = createDatabase(base, template, "")
		if err == nil {
			err = prepare(withDatabase(base, template))
		}
		if templates.made == nil {
			templates.made = make(map[string]error)
		}
		templates.made[template] = err
	}
	templates.Unlock()
	if err != nil {
		t.Fatalf("pgtest: prepare the template database %s: %v", name, err)
	}
	return create(t, base, template)
}

// serverURL returns the URL of the server, without a database's name of its own.
func serverURL(t testing.TB) string {
	t.Helper()
	if os.Getenv(skipVariable) == "1" {
		t.Skipf("POSTGRESQL IS NOT TESTED: %s is set", skipVariable)
	}
	server.once.Do(func() {
		if server.url = os.Getenv(urlVariable); server.url == "" {
			server.url, server.err = start()
		}
	})
	if server.err != nil {
		t.Fatalf("pgtest: no PostgreSQL server: %v\n"+
			"Install one with `make deps`, or name one in %s; %s=1 skips these tests.",
			server.err, urlVariable, skipVariable)
	}
	return server.url
}

var databases struct {
	sync.Mutex
	count int
}

func create(t testing.TB, base, template string) string {
	t.Helper()
	databases.Lock()
	databases.count++
	name := fmt.Sprintf("bailiwick_%d_%d", os.Getpid(), databases.count)
	databases.Unlock()
	if err := createDatabase(base, name, template); err != nil {
		t.Fatalf("pgtest: create database: %v", err)
	}
	t.Cleanup(func() {
		if err := execute(base, `drop database "`+name+`" with (force)`); err != nil {
			t.Errorf("pgtest: drop database: %v", err)
		}
	})
	return withDatabase(base, name)
}

// createDatabase makes a copy of template. Without one it makes an empty database with
// ICU's order for English, or with the server's own order where it was built without ICU.
func createDatabase(base, name, template string) error {
	if template != "" {
		return execute(base, `create database "`+name+`" template "`+template+`"`)
	}
	err := execute(base, `create database "`+name+`" template template0 encoding 'UTF8'
		locale_provider icu icu_locale 'en-US' locale 'C'`)
	if err == nil {
		return nil
	}
	return execute(base, `create database "`+name+`" template template0 encoding 'UTF8'`)
}

func execute(base, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, base)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

func withDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return strings.TrimSuffix(base, "/") + "/" + name
	}
	u.Path = "/" + name
	return u.String()
}
