package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// journal notes the calls of Organizations and Account Management one by one.
type journal struct {
	mu    sync.Mutex
	calls []noted
	// seen are codes with their reasons: "InvalidInputException INVALID_ENUM".
	seen map[string]bool
}

// noted is a call with what came of it; code is empty if it succeeded.
type noted struct{ service, operation, requestID, code string }

// journal begins to note the calls of all clients that are made from now on.
func (s *server) journal() *journal {
	j := &journal{seen: map[string]bool{}}
	s.watch = append(s.watch, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("journal", j.note), middleware.After)
	})
	return j
}

func (j *journal) note(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	call := noted{service: strings.ToLower(awsmiddleware.GetServiceID(ctx)), operation: awsmiddleware.GetOperationName(ctx)}
	if call.service != "organizations" && call.service != "account" {
		return out, metadata, err
	}
	call.requestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	var answered *awshttp.ResponseError
	if errors.As(err, &answered) {
		call.requestID = answered.ServiceRequestID()
	}
	var failure smithy.APIError
	if errors.As(err, &failure) {
		call.code = failure.ErrorCode()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, call)
	j.seen[codeOf(err)] = true
	return out, metadata, err
}

// codeOf is "Code", or "Code REASON" of an error that has a reason.
func codeOf(err error) string {
	var failure smithy.APIError
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &failure):
		return err.Error()
	}
	if reason := reflect.ValueOf(failure).Elem().FieldByName("Reason"); reason.IsValid() && reason.String() != "" {
		return failure.ErrorCode() + " " + reason.String()
	}
	return failure.ErrorCode()
}

// refuses makes a call that must fail with "Code", or with "Code REASON".
func refuses(t testing.TB, client, in any, want string) {
	t.Helper()
	_, err := ask(client, in)
	got := codeOf(err)
	if !strings.Contains(want, " ") {
		got, _, _ = strings.Cut(got, " ")
	}
	if got != want {
		t.Errorf("%s of %s: %q (%v), want %q", operationOf(in), jsonText(in), got, err, want)
	}
}

// recorded looks the event of each call up, in the event history of some accounts.
func (j *journal) recorded(t *testing.T, readers []as) {
	t.Helper()
	j.mu.Lock()
	calls := slices.Clone(j.calls)
	j.mu.Unlock()
	type event struct{ EventName, EventSource, ErrorCode, RequestID string }
	var events map[string]event
	missing := func() (list []noted) {
		for _, call := range calls {
			if _, there := events[call.requestID]; !there {
				list = append(list, call)
			}
		}
		return list
	}
	// The events of reads are written within a second.
	for range 5 {
		events = map[string]event{}
		for _, reader := range readers {
			pages := cloudtrail.NewLookupEventsPaginator(reader.cloudtrail(), &cloudtrail.LookupEventsInput{MaxResults: new(int32(50))})
			for pages.HasMorePages() {
				page, err := pages.NextPage(context.Background())
				must(t, err)
				for _, e := range page.Events {
					var read event
					must(t, json.Unmarshal([]byte(*e.CloudTrailEvent), &read))
					if read.RequestID != "" {
						events[read.RequestID] = read
					}
				}
			}
		}
		if len(missing()) == 0 {
			break
		}
		time.Sleep(time.Second)
	}
	for _, call := range missing() {
		t.Errorf("no event of %+v", call)
	}
	for _, call := range calls {
		if e, there := events[call.requestID]; there && (e.EventName != call.operation || e.EventSource != call.service+".amazonaws.com" || e.ErrorCode != call.code) {
			t.Errorf("the event of %+v is %+v", call, e)
		}
	}
	if len(calls) < 50 {
		t.Errorf("only %d calls were noted", len(calls))
	}
}

// everyFailure makes every operation fail in the ways that are the server's own: too many
// requests, a database that somebody else has locked, one that has lost its tables: internal is
// the code of that. It is the end of the server.
func (s *server) everyFailure(t *testing.T, inputs []any, internal string, client func(as) any) {
	t.Run("too many requests", func(t *testing.T) {
		args := s.args
		s.args = append(slices.Clone(args), "--rate-limit=0.0001", "--rate-burst=1")
		s.restart()
		s.args = args
		c := client(s.root())
		_, _ = ask(c, inputs[0]) // takes the one request that there is
		for _, in := range inputs {
			refuses(t, c, in, "TooManyRequestsException")
		}
	})
	t.Run("locked", func(t *testing.T) {
		busy := start(t, "")
		busy.watch = s.watch
		busy.locked(t, func() {
			c := client(busy.root())
			var all sync.WaitGroup
			for _, in := range inputs {
				all.Go(func() { _, _ = ask(c, in) })
			}
			all.Wait()
		})
	})
	t.Run("without tables", func(t *testing.T) {
		s.restart()
		db := s.database(t)
		defer db.Close()
		c := client(s.root())
		list := `select name from sqlite_master where type = 'table'`
		if s.url != "" {
			list = `select table_name from information_schema.tables where table_schema = current_schema()`
		}
		rows, err := db.Query(list)
		must(t, err)
		var tables []string
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			if strings.HasPrefix(name, "org_") || strings.HasPrefix(name, "account_") {
				tables = append(tables, name)
			}
		}
		must(t, errors.Join(rows.Err(), rows.Close()))
		for _, name := range tables {
			_, err := db.Exec(fmt.Sprintf("alter table %s rename to hidden_%s", name, name))
			must(t, err)
		}
		for _, in := range inputs {
			refuses(t, c, in, internal)
		}
	})
}

// database opens the server's database beside it.
func (s *server) database(t testing.TB) *sql.DB {
	t.Helper()
	driver, source := "sqlite3", "file:"+filepath.Join(s.dir, "bailiwick.db")+"?_busy_timeout=5000"
	if s.url != "" {
		driver, source = "pgx", s.url
	}
	db, err := sql.Open(driver, source)
	must(t, err)
	return db
}

// locked runs fn while somebody else writes to the database file.
func (s *server) locked(t testing.TB, fn func()) {
	t.Helper()
	db := s.database(t)
	defer db.Close()
	conn, err := db.Conn(context.Background())
	must(t, err)
	defer conn.Close()
	_, err = conn.ExecContext(context.Background(), "begin immediate")
	must(t, err)
	fn()
	_, err = conn.ExecContext(context.Background(), "rollback")
	must(t, err)
}
