package audit_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bailiwick/bailiwick/audit"
)

var packTime = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func packEvents(n int) []audit.Event {
	events := make([]audit.Event, n)
	for i := range events {
		id := fmt.Sprintf("0190c6a1-2b3c-7000-8000-%012d", i)
		events[i] = audit.Event{
			ID: id, RequestID: id, AccountID: "111122223333", Time: packTime.Add(time.Duration(i) * time.Millisecond),
			Source: "sts.amazonaws.com", Name: "GetCallerIdentity", Username: "alice", AccessKeyID: "AKIAIOSFODNN7EXAMPLE", ReadOnly: true,
			Record: json.RawMessage(`{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","userName":"alice"},"eventID":"` + id + `"}`),
		}
	}
	return events
}

// unpacked returns the events of packs, having checked what the packs say about them.
func unpacked(t interface{ Fatalf(string, ...any) }, packs []audit.Pack) (all []audit.Event) {
	for i := range packs {
		p := &packs[i]
		events, err := p.Events()
		if err != nil || len(events) == 0 {
			t.Fatalf("pack %d: %d events, %v", i, len(events), err)
		}
		if first, last := events[0].Time, events[len(events)-1].Time; first != p.First || last != p.Last || last.Sub(first) > audit.PackSpan {
			t.Fatalf("pack %d is from %v to %v, its events from %v to %v", i, p.First, p.Last, first, last)
		}
		for j := range events {
			if events[j].AccountID != p.AccountID {
				t.Fatalf("pack %d of %s holds an event of %s", i, p.AccountID, events[j].AccountID)
			}
		}
		all = append(all, events...)
	}
	return all
}

func TestPacksHoldAllEvents(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00\xff", strings.Repeat("x", 3000)}))
	resource := rapid.Custom(func(t *rapid.T) audit.Resource {
		return audit.Resource{ARN: text.Draw(t, "arn"), Type: text.Draw(t, "type"), AccountID: text.Draw(t, "owner")}
	})
	event := rapid.Custom(func(t *rapid.T) audit.Event {
		return audit.Event{
			ID: rapid.StringN(1, 40, -1).Draw(t, "id"), RequestID: text.Draw(t, "request"),
			AccountID: rapid.SampledFrom([]string{"111122223333", "444455556666", ""}).Draw(t, "account"),
			Time:      packTime.Add(time.Duration(rapid.Int64Range(-20_000_000, 20_000_000).Draw(t, "at")) * time.Microsecond),
			Source:    text.Draw(t, "source"), Name: text.Draw(t, "name"), Username: text.Draw(t, "user"), AccessKeyID: text.Draw(t, "key"),
			ReadOnly: rapid.Bool().Draw(t, "read only"), ErrorCode: text.Draw(t, "code"), Record: json.RawMessage(text.Draw(t, "record")),
			Resources: rapid.SliceOfN(resource, 0, 3).Draw(t, "resources"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(event, 0, 30).Draw(t, "events")
		for i := range events {
			if len(events[i].Resources) == 0 {
				events[i].Resources = nil
			}
		}
		got := unpacked(t, audit.Packs(events))
		want := slices.Clone(events)
		order := func(a, b audit.Event) int {
			return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), a.Time.Compare(b.Time), cmp.Compare(a.ID, b.ID), cmp.Compare(a.RequestID, b.RequestID))
		}
		slices.SortFunc(want, order)
		slices.SortFunc(got, order)
		if len(got) != len(want) {
			t.Fatalf("%d events of %d", len(got), len(want))
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], want[i]) {
				t.Fatalf("event %d:\n%+v\nwant\n%+v", i, got[i], want[i])
			}
		}
	})
}

func TestPacksAreBounded(t *testing.T) {
	events := packEvents(3000)
	packs := audit.Packs(events)
	if got := unpacked(t, packs); !reflect.DeepEqual(got, events) {
		t.Error("the events are not what they were")
	}
	if len(packs) != 12 {
		t.Errorf("%d packs", len(packs))
	}
	size := 0
	for _, p := range packs {
		size += len(p.Data)
	}
	if plain := 300 * len(events); size > plain/5 {
		t.Errorf("%d events take %d bytes", len(events), size)
	}
	long := packEvents(3)
	for i := range long {
		long[i].Record = json.RawMessage(strings.Repeat("x", 900<<10))
	}
	if got := len(audit.Packs(long)); got != 3 {
		t.Errorf("three long events are in %d packs", got)
	}
	far := packEvents(2)
	far[1].Time = far[0].Time.Add(audit.PackSpan + 1)
	if got := len(audit.Packs(far)); got != 2 {
		t.Errorf("events far apart are in %d packs", got)
	}
}

// What is stored again must be recognized, and nothing else taken for it.
func TestPacksAreNamedByTheirEvents(t *testing.T) {
	events := packEvents(4)
	id := func(events ...audit.Event) string { return audit.Packs(events)[0].ID }
	all := id(events...)
	if id(events[2], events[0], events[3], events[1]) != all {
		t.Error("the order of arrival changes the id")
	}
	if id(events[0]) != events[0].ID {
		t.Error("an event that is alone gives its pack another id")
	}
	if id(events[:3]...) == all || id(events[0], events[1]) == id(events[0], events[2]) {
		t.Error("other events have the same id")
	}
	if all[:13] != events[0].ID[:13] || len(all) != len(events[0].ID) {
		t.Errorf("%s does not begin like %s", all, events[0].ID)
	}
}

func FuzzPack(f *testing.F) {
	for _, n := range []int{1, 20} {
		f.Add(audit.Packs(packEvents(n))[0].Data)
	}
	f.Add([]byte{})
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		p := audit.Pack{AccountID: "111122223333", Data: data}
		if events, err := p.Events(); err != nil && (!errors.Is(err, audit.ErrPack) || events != nil) {
			t.Errorf("%d events, %v", len(events), err)
		}
	})
}

func BenchmarkPacks(b *testing.B) {
	for _, n := range []int{1, 16, 512} {
		b.Run(fmt.Sprintf("events=%d", n), func(b *testing.B) {
			events := packEvents(n)
			b.ReportAllocs()
			for b.Loop() {
				audit.Packs(events)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
		})
	}
}
