package pgtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// binaryFolders are where servers are found that are not on the PATH: Debian's and Red
// Hat's packages, Homebrew's on both kinds of Mac, Postgres.app.
var binaryFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// supervise is the shell script that owns the server. Its standard input is a pipe from the
// test process: when that process ends, in whatever way, the read ends and the server is
// stopped and its folder removed. So nothing is left behind even by kill -9.
const supervise = `
"$1" -D "$2/data" >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$2"
`

// start makes a new server and returns the URL of its database "postgres".
func start() (string, error) {
	folder, who, err := newFolder()
	if err == nil {
		err = initialize(folder, who)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	// The write end stays open, and out of reach of the collector, as long as the process
	// lives.
	if pipe, err = launch(folder, who); err != nil {
		return "", err
	}
	address := addressOf(folder)
	return address, await(address, folder)
}

// newFolder makes a folder for a server, owned by whom the server will run as.
func newFolder() (string, *syscall.Credential, error) {
	folder, err := os.MkdirTemp(place(), "pgtest-")
	if err != nil {
		return "", nil, err
	}
	who, err := owner(folder)
	return folder, who, err
}

// launch starts a server on the data in a folder. It runs until the returned end of a pipe
// is closed, and the folder goes with it, also when launch fails.
func launch(folder string, who *syscall.Credential) (io.Closer, error) {
	postgres, err := find("postgres")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	command := exec.Command("/bin/sh", "-c", supervise, "pgtest", postgres, folder)
	command.SysProcAttr = &syscall.SysProcAttr{Credential: who, Setsid: true}
	command.Dir = folder
	end, err := command.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	if err := command.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	go func() { _ = command.Wait() }() // the shell's end has no news
	return end, nil
}

// addressOf is the URL of the database "postgres" of the server in a folder.
func addressOf(folder string) string {
	address := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/postgres"}
	address.RawQuery = url.Values{"host": {folder}}.Encode()
	return address.String()
}

// pipe is held open for as long as the process lives.
//
//lint:ignore U1000 its end tells the supervisor that the process is gone
var pipe io.Closer

// place returns the folder for temporary data: memory where there is enough of it, since a
// new database is a few hundred new files, else the system's choice.
func place() string {
	const (
		memory = "/dev/shm"
		enough = 1 << 30
	)
	var free syscall.Statfs_t
	if err := syscall.Statfs(memory, &free); err != nil || free.Bavail*uint64(free.Bsize) < enough {
		return ""
	}
	return memory
}

// initialize makes the data folder, for speed instead of safety: the data lives as long as
// the tests.
func initialize(folder string, who *syscall.Credential) error {
	initdb, err := find("initdb")
	if err != nil {
		return err
	}
	data := filepath.Join(folder, "data")
	command := exec.Command(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C", "--no-sync", "--no-instructions")
	command.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	settings := fmt.Sprintf(`
listen_addresses = ''
unix_socket_directories = '%s'
fsync = off
full_page_writes = off
max_connections = 200
shared_buffers = 32MB
autovacuum = off
dynamic_shared_memory_type = mmap
`, folder)
	return configure(data, settings)
}

// configure adds settings to those of a data folder.
func configure(data, settings string) error {
	file, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(settings)
	return errors.Join(err, file.Close())
}

// owner returns whom the server runs as: nil for the user of this process; the user
// postgres or nobody when that is root, whom the server refuses. The folder is given to them.
func owner(folder string) (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(u.Uid)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.Atoi(u.Gid)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(folder, uid, gid)
	}
	return nil, errors.New("the server does not run as root, and there is no user postgres")
}

// find returns a program of the server. The link that may stand on the PATH is followed,
// since initdb looks for its files beside itself.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.EvalSymlinks(path)
	}
	for _, pattern := range binaryFolders {
		found, err := filepath.Glob(filepath.Join(pattern, name))
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%s is not installed", name)
}

// await returns when the server answers.
func await(address, folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeLimit)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(folder, "log"))
			return fmt.Errorf("server does not answer: %w: %s", err, bytes.TrimSpace(log))
		}
	}
}
