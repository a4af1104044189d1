package e2e

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// dial opens a connection to the server.
func (s *server) dial(t testing.TB) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.endpoint, "http://"))
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	t.Cleanup(func() { _ = conn.Close() }) // it may be closed already
	return conn
}

// bytesOf is a signed request as it goes over the wire.
func (m message) bytesOf(t testing.TB) []byte {
	t.Helper()
	r := m.signed(t)
	// The client would add headers that are not signed.
	r.Header.Set("User-Agent", "")
	var b bytes.Buffer
	must(t, r.Write(&b))
	return b.Bytes()
}

// statusOf sends bytes over a connection of their own and returns the status of the first
// answer, or 0 if there is none.
func (s *server) statusOf(t testing.TB, request []byte) int {
	t.Helper()
	conn := s.dial(t)
	defer conn.Close()
	if _, err := conn.Write(request); err != nil {
		return 0 // the server hung up
	}
	// A server that waits for more gets an end; not at once, since to it the client has hung
	// up then.
	const patience = 200 * time.Millisecond
	timer := time.AfterFunc(patience, func() {
		_ = conn.(*net.TCPConn).CloseWrite() // it may be closed already
	})
	defer timer.Stop()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || strings.Contains(err.Error(), "connection reset") {
			return 0
		}
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// One bit of each byte of a right request is flipped. What is accepted all the same must
// mean the same: the name of a header in another case, another minor version of HTTP.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	w := organize(t, s)
	session := w.inside(t, w.account(t, w.rootID, "Member", ""))
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for name, m := range map[string]message{
		"query":   query(w.admin, "iam", "Action=ListUsers&PathPrefix=%2Fa%2F"+iamVersion),
		"JSON":    organizationsCall(w.admin, "ListRoots", `{"MaxResults":5}`),
		"REST":    accountCall(w.admin, "/listRegions", `{"MaxResults":5}`),
		"session": query(session, "sts", "Action=GetCallerIdentity"+stsVersion),
	} {
		t.Run(name, func(t *testing.T) {
			original := m.bytesOf(t)
			if status := s.statusOf(t, original); status != 200 {
				t.Fatalf("the original got %d:\n%s", status, original)
			}
			refused := 0
			for i := range original {
				flipped := bytes.Clone(original)
				flipped[i] ^= 1 << random.IntN(8)
				status := s.statusOf(t, flipped)
				switch {
				case status >= 500 && status != http.StatusHTTPVersionNotSupported && status != http.StatusNotImplemented:
					t.Errorf("seed %d, byte %d: status %d for\n%s", seed, i, status, flipped)
				case status != 200:
					refused++
				case !harmless(original, flipped, i):
					t.Errorf("seed %d: byte %d flipped is accepted:\n%s", seed, i, flipped)
				}
			}
			t.Logf("%d of %d flips refused", refused, len(original))
			if refused < len(original)/2 {
				t.Errorf("only %d of %d flips were refused", refused, len(original))
			}
		})
	}
	if text := s.log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "panic") {
		t.Errorf("the server complains:\n%s", text)
	}
}

// harmless reports whether the byte that differs has no meaning: the case of a letter in a
// header's name, the minor version of HTTP, a tab before the end of a line.
func harmless(original, flipped []byte, at int) bool {
	if at > bytes.Index(original, []byte("\r\n\r\n")) {
		return false
	}
	begin := bytes.LastIndexByte(original[:at], '\n') + 1
	line, _, _ := bytes.Cut(original[begin:], []byte("\r\n"))
	if begin == 0 {
		return at == bytes.LastIndexByte(line, '.')+1
	}
	if original[at] == '\r' && flipped[at] == '\t' {
		return true
	}
	colon := bytes.IndexByte(line, ':')
	return at-begin < colon && bytes.EqualFold(original[at:at+1], flipped[at:at+1])
}

// talk is a client with a request that is right.
type talk struct {
	s     *server
	admin as
	right message
}

// Connections live on after an error, and requests that come one behind the other without
// waiting are answered in their order.
func TestConnections(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	admin := s.root().newUser(t, "admin", allow("*", "*"))
	c := &talk{s, admin, query(admin, "sts", "Action=GetCallerIdentity"+stsVersion)}
	t.Run("after an error", c.afterErrors)
	t.Run("one behind the other", c.oneBehindTheOther)
	t.Run("in chunks", c.inChunks)
	t.Run("a byte at a time", c.byteAtATime)
	t.Run("a body that does not come", c.bodyDoesNotCome)
	t.Run("a client that hangs up", c.hangsUp)
	t.Run("two lengths", c.confusedLengths)
	t.Run("long headers", c.longHeaders)
	may(t, "the server lives", admin.listUsers())
}

// next reads the next answer of a connection.
func next(t *testing.T, from *bufio.Reader) answer {
	t.Helper()
	res, err := http.ReadResponse(from, nil)
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	return read(t, http.MethodPost, res, body)
}

func (c *talk) afterErrors(t *testing.T) {
	conn := c.s.dial(t)
	from := bufio.NewReader(conn)
	wrongs := append(malformedQueries(c.admin), malformedJSON(c.admin)...)
	for _, w := range wrongs {
		if len(w.body) > 64<<10 {
			continue // AWS, too, closes the connection rather than read on
		}
		for _, m := range []message{w.message, c.right} {
			_, err := conn.Write(m.bytesOf(t))
			must(t, err)
			if a := next(t, from); (a.status == 200) != (m.service == "sts" && m.body == c.right.body) {
				t.Errorf("%s: %d %s", w.name, a.status, a.body)
			}
		}
	}
}

func (c *talk) oneBehindTheOther(t *testing.T) {
	conn := c.s.dial(t)
	from := bufio.NewReader(conn)
	var all []byte
	for range 10 {
		all = append(all, c.right.bytesOf(t)...)
		all = append(all, query(c.admin, "iam", "Action=Nope"+iamVersion).bytesOf(t)...)
	}
	_, err := conn.Write(all)
	must(t, err)
	for i := range 20 {
		if a := next(t, from); (a.status == 200) != (i%2 == 0) {
			t.Errorf("answer %d: %d %s", i, a.status, a.body)
		}
	}
}

func (c *talk) inChunks(t *testing.T) {
	r := c.right.plain(t)
	r.ContentLength = -1
	r.Header = chunkedHeader(t, c.right)
	if a := send(t, r); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func (c *talk) byteAtATime(t *testing.T) {
	conn := c.s.dial(t)
	for _, b := range c.right.bytesOf(t) {
		_, err := conn.Write([]byte{b})
		must(t, err)
	}
	if a := next(t, bufio.NewReader(conn)); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func (c *talk) bodyDoesNotCome(t *testing.T) {
	conn := c.s.dial(t)
	raw := c.right.bytesOf(t)
	_, err := conn.Write(raw[:len(raw)-5])
	must(t, err)
	must(t, conn.(*net.TCPConn).CloseWrite())
	if a := next(t, bufio.NewReader(conn)); a.status != 400 || a.code != "RequestTimeout" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func (c *talk) hangsUp(t *testing.T) {
	for n := range 50 {
		conn := c.s.dial(t)
		_, err := conn.Write(query(c.admin, "iam", fmt.Sprintf("Action=CreateUser&UserName=hasty-%d", n)+iamVersion).bytesOf(t))
		must(t, err)
		must(t, conn.Close())
	}
	may(t, "the next one", c.admin.listUsers())
	c.s.loggedOnce(t, nil)
}

func (c *talk) confusedLengths(t *testing.T) {
	raw := c.right.bytesOf(t)
	for _, more := range []string{"Content-Length: 5\r\n", "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", " folded: x\r\n", "No colon\r\n", "Bad\x00Name: x\r\n"} {
		with := bytes.Replace(raw, []byte("Host:"), []byte(more+"Host:"), 1)
		if status := c.s.statusOf(t, with); status != 400 && status != 501 {
			t.Errorf("%q got %d", more, status)
		}
	}
}

func (c *talk) longHeaders(t *testing.T) {
	if a := send(t, c.right.with("X-Long", strings.Repeat("x", 30<<10)).signed(t)); a.status != 200 {
		t.Errorf("30 KiB: %d %s", a.status, a.body)
	}
	r := c.right.with("X-Long", strings.Repeat("x", 200<<10)).bytesOf(t)
	if status := c.s.statusOf(t, r); status != http.StatusRequestHeaderFieldsTooLarge && status != 0 {
		t.Errorf("200 KiB: %d", status)
	}
}

// chunkedHeader is the header of the signed message without a length: that of a body in
// chunks is not known.
func chunkedHeader(t testing.TB, m message) http.Header {
	t.Helper()
	sum := hash(m.body)
	m.body = ""
	return m.signedFor(t, sum).Header
}

// A path means what it says, however it is written; nothing leads around authentication.
func TestPathTricks(t *testing.T) {
	t.Parallel()
	s := start(t, "")
	admin := s.root().newUser(t, "admin", allow("*", "*"))
	raw := accountCall(admin, "/listRegions", "{}").bytesOf(t)
	if status := s.statusOf(t, raw); status != 200 {
		t.Fatalf("the right path got %d", status)
	}
	for _, path := range []string{
		"//listRegions", "/./listRegions", "/x/../listRegions", "/../listRegions", "/listRegions/.", "/listRegions/..", "/%2e/listRegions",
		"/x/%2e%2e/listRegions", "/listRegions%00", "/listRegions;x=y", "/listRegions?", "/listRegions?x", "/listRegions#x", "/%6cistRegions",
		"\\listRegions", "/_bailiwick/../listRegions", "/_bailiwick/accounts", "/%5fbailiwick/accounts", "//_bailiwick/accounts",
		"http://elsewhere.example.com/listRegions", "*", "listRegions", "/" + strings.Repeat("../", 3000) + "listRegions",
	} {
		t.Run(fmt.Sprintf("%.40s", path), func(t *testing.T) {
			with := bytes.Replace(raw, []byte("POST /listRegions "), []byte("POST "+path+" "), 1)
			status := s.statusOf(t, with)
			// Spellings of the same path may pass: the signature covers the path in its simple
			// form. Whatever is another path, or the operator's, does not.
			same := status == 200 && !strings.Contains(path, "bailiwick") && !strings.Contains(path, "?x") && !strings.Contains(path, ";")
			if !same && (status < 300 || status >= 500) {
				t.Errorf("status %d", status)
			}
		})
		t.Run(fmt.Sprintf("unsigned %.40s", path), func(t *testing.T) {
			request := "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
			if status := s.statusOf(t, []byte(request)); status < 300 || status >= 500 {
				t.Errorf("status %d", status)
			}
		})
	}
}
