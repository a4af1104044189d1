package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/s2"
)

// Pack is events of one account that lie close together in time, in the form in which the log
// keeps them. An event repeats most of the one before it, so that many take little more room,
// and little more time to write, than one.
type Pack struct {
	// ID is the same for the same events: a pack that is stored twice is there once. It begins
	// with the time, as the ids of events do.
	ID        string
	AccountID string
	// First and Last are the times of the oldest and of the newest event.
	First, Last time.Time
	// Data holds the events; see [Pack.Events].
	Data []byte
}

// PackSpan is how far apart the events of a pack are at most: whoever looks for events before
// a time has to look into packs that end so much later.
const PackSpan = 5 * time.Second

// Bounds of what has to be read for one event. A record is as long as it is: one that is
// longer than packBytes has a pack to itself.
const (
	packCount   = 256
	packBytes   = 1 << 20
	maxUnpacked = 16 << 20
)

// packForm is the first byte of a pack; what follows is compressed (S2 block format).
const packForm = 1

// Packs returns all the events in packs.
func Packs(events []Event) []Pack {
	order := make([]*Event, len(events))
	for i := range events {
		order[i] = &events[i]
	}
	slices.SortFunc(order, byAccount)
	p := packers.Get().(*packer)
	defer packers.Put(p)
	var packs []Pack
	for len(order) > 0 {
		n := 0
		for p.plain = p.plain[:0]; n < len(order) && fits(order, n, len(p.plain)); n++ {
			p.plain = appendEvent(p.plain, order[n])
		}
		packs = append(packs, Pack{
			ID: packID(order[:n]), AccountID: order[0].AccountID, First: order[0].Time, Last: order[n-1].Time, Data: p.data(),
		})
		order = order[n:]
	}
	return packs
}

// byAccount compares events by account and place in the log.
func byAccount(a, b *Event) int {
	if c := strings.Compare(a.AccountID, b.AccountID); c != 0 {
		return c
	}
	return order(a.Time, a.ID, b.Time, b.ID)
}

// packer is the room in which packs are made. It is used again and again: it is larger than all
// that it makes, and each queue writes several times a second.
type packer struct{ plain, packed []byte }

var packers = sync.Pool{New: func() any { return new(packer) }}

// data returns the data of a pack with the plain events.
func (p *packer) data() []byte {
	p.packed = slices.Grow(p.packed[:0], s2.MaxEncodedLen(len(p.plain)))
	packed := s2.Encode(p.packed[:cap(p.packed)], p.plain)
	return append([]byte{packForm}, packed...)
}

// fits reports whether event n belongs into one pack with those before it, which have size
// bytes.
func fits(events []*Event, n, size int) bool {
	first, next := events[0], events[n]
	return n == 0 || n < packCount && next.AccountID == first.AccountID &&
		next.Time.Sub(first.Time) <= PackSpan && size+len(next.Record) <= packBytes
}

// packID is the id of an event that is alone; that of several begins like the first one's.
func packID(events []*Event) string {
	first := events[0].ID
	if len(events) == 1 {
		return first
	}
	var ids []byte
	for _, e := range events {
		ids = append(append(ids, e.ID...), 0)
	}
	sum := sha256.Sum256(ids)
	return first[:min(timeText, len(first))] + format([16]byte(sum[:16]))[timeText:]
}

// appendEvent writes an event but for its account.
func appendEvent(b []byte, e *Event) []byte {
	b = binary.AppendVarint(b, e.Time.UnixMicro())
	readOnly := byte(0)
	if e.ReadOnly {
		readOnly = 1
	}
	b = append(b, readOnly)
	for _, s := range [...]string{e.ID, e.RequestID, e.Source, e.Name, e.Username, e.AccessKeyID, e.ErrorCode} {
		b = appendText(b, s)
	}
	b = appendText(b, e.Record)
	b = binary.AppendUvarint(b, uint64(len(e.Resources)))
	for _, r := range e.Resources {
		b = appendText(appendText(appendText(b, r.ARN), r.Type), r.AccountID)
	}
	return b
}

func appendText[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// ErrPack says that bytes are not those of a pack: they were damaged, or written by a version
// that knows a newer form.
var ErrPack = errors.New("audit: no pack of events")

// Events returns the events of the pack, oldest first.
func (p *Pack) Events() ([]Event, error) {
	var events []Event
	err := p.each("", func(e *Event) { events = append(events, *e) })
	if err != nil {
		return nil, err
	}
	return events, nil
}

// each calls fn for each event, oldest first, unless the text is nowhere in the pack. What the
// event holds lies in the memory of the whole pack.
func (p *Pack) each(text string, fn func(e *Event)) error {
	if len(p.Data) == 0 || p.Data[0] != packForm {
		return fmt.Errorf("%w: unknown form", ErrPack)
	}
	if n, err := s2.DecodedLen(p.Data[1:]); err != nil || n > maxUnpacked {
		return fmt.Errorf("%w: %d bytes, %w", ErrPack, n, err)
	}
	plain, err := s2.Decode(nil, p.Data[1:])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPack, err)
	}
	if !bytes.Contains(plain, []byte(text)) {
		return nil
	}
	r := packReader{bytes: plain, text: string(plain)}
	for r.at < len(plain) && !r.damaged {
		if e := r.event(p.AccountID); !r.damaged {
			fn(&e)
		}
	}
	if r.damaged {
		return fmt.Errorf("%w: cut off", ErrPack)
	}
	return nil
}

// clone returns the event in memory of its own.
func (e *Event) clone() Event {
	c := *e
	for _, s := range [...]*string{&c.ID, &c.RequestID, &c.AccountID, &c.Source, &c.Name, &c.Username, &c.AccessKeyID, &c.ErrorCode} {
		*s = strings.Clone(*s)
	}
	c.Record = bytes.Clone(e.Record)
	c.Resources = slices.Clone(e.Resources)
	for i := range c.Resources {
		r := &c.Resources[i]
		*r = Resource{strings.Clone(r.ARN), strings.Clone(r.Type), strings.Clone(r.AccountID)}
	}
	return c
}

// packReader reads what appendEvent wrote, from the place at. After damage nothing of what it
// returns counts.
type packReader struct {
	bytes []byte
	// text is the same as bytes, so that names need no memory of their own.
	text    string
	at      int
	damaged bool
}

func (r *packReader) event(accountID string) Event {
	e := Event{AccountID: accountID, Time: time.UnixMicro(r.varint()).UTC(), ReadOnly: r.flag()}
	e.ID, e.RequestID, e.Source, e.Name = r.string(), r.string(), r.string(), r.string()
	e.Username, e.AccessKeyID, e.ErrorCode = r.string(), r.string(), r.string()
	from, to := r.span()
	e.Record = r.bytes[from:to:to]
	for range r.count() {
		e.Resources = append(e.Resources, Resource{ARN: r.string(), Type: r.string(), AccountID: r.string()})
	}
	return e
}

func (r *packReader) varint() int64 {
	v, n := binary.Varint(r.bytes[r.at:])
	r.skip(n)
	return v
}

func (r *packReader) flag() bool {
	set := r.at < len(r.bytes) && r.bytes[r.at] == 1
	r.skip(1)
	return set
}

// count reads how many bytes or things follow; a thing takes a byte at least.
func (r *packReader) count() int {
	v, n := binary.Uvarint(r.bytes[r.at:])
	if n <= 0 || v > uint64(len(r.bytes)-r.at-n) {
		r.skip(0)
		return 0
	}
	r.skip(n)
	return int(v)
}

func (r *packReader) string() string {
	from, to := r.span()
	return r.text[from:to]
}

func (r *packReader) span() (from, to int) {
	n := r.count()
	r.at += n
	return r.at - n, r.at
}

// skip goes on by the n bytes that something took; what took none was not there.
func (r *packReader) skip(n int) {
	if n <= 0 || n > len(r.bytes)-r.at {
		r.at, r.damaged = len(r.bytes), true
		return
	}
	r.at += n
}
