package pgtest

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// childVariable makes the test binary start a server, name its folder, and wait.
const childVariable = "BAILIWICK_TEST_PGTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		address, err := start()
		u, _ := url.Parse(address)
		fmt.Println(u.Query().Get("host"), err)
		time.Sleep(timeLimit)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestNothingStaysBehind kills a process that has a server running: server and folder must
// go as well.
func TestNothingStaysBehind(t *testing.T) {
	if os.Getenv(skipVariable) == "1" || os.Getenv(urlVariable) != "" {
		t.Skip("no server of our own is wanted")
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1")
	pipe, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(pipe).ReadString('\n')
	folder, message, _ := strings.Cut(strings.TrimSpace(line), " ")
	if _, statErr := os.Stat(folder); err != nil || statErr != nil || message != "<nil>" {
		t.Errorf("child says %q, %v, %v", line, err, statErr)
	}
	_ = child.Process.Kill()
	_ = child.Wait() // it says that the child was killed
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(folder); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("%s is still there", folder)
}

func TestDatabasesAreApartAndForeign(t *testing.T) {
	one, two := Database(t), Database(t)
	if one == two {
		t.Fatal("the same database twice")
	}
	if err := execute(one, `create table t (x text)`); err != nil {
		t.Error(err)
	}
	if err := execute(two, `create table t (x text)`); err != nil {
		t.Error(err)
	}
	// The order of letters must not be that of bytes, else tests would not find queries
	// that lean on it.
	if err := execute(one, `do $$ begin assert 'a' < 'B'; end $$`); err != nil {
		t.Errorf("the database orders by bytes: %v", err)
	}
	if got := withDatabase("postgres://u@h:1/x?host=/tmp", "y"); got != "postgres://u@h:1/y?host=/tmp" {
		t.Errorf("url = %s", got)
	}
}

// TestStandbyTakesOver shows that what the primary has acknowledged the standby has.
func TestStandbyTakesOver(t *testing.T) {
	pair := NewPair(t)
	address := pair.URL()
	for _, statement := range []string{`create table t (x text)`, `insert into t values ('kept')`} {
		if err := execute(address, statement); err != nil {
			t.Fatal(err)
		}
	}
	pair.Kill()
	if err := execute(address, `insert into t values ('nowhere')`); err == nil {
		t.Error("a dead pair takes writes")
	}
	pair.Promote()
	if err := execute(address, `insert into t values ('more')`); err != nil {
		t.Error(err)
	}
	if err := execute(address, `do $$ begin assert (select string_agg(x, ' ' order by x) from t) = 'kept more'; end $$`); err != nil {
		t.Error(err)
	}
}
