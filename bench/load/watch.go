package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gauges are what is read of the server, from its page for Prometheus. slack is by how much
// the middle of the last quarter of a soak may lie above that of the first: a twentieth, and
// this much more.
var gauges = []struct {
	metric, name string
	slack, unit  float64
	judged       bool
}{
	{"process_resident_memory_bytes", "memory MiB", 16, 1 << 20, true},
	{"go_memstats_heap_inuse_bytes", "heap MiB", 16, 1 << 20, false},
	{"go_goroutines", "goroutines", 32, 1, true},
	{"process_open_fds", "file handles", 16, 1, true},
	{"process_cpu_seconds_total", "processor s", 0, 1, false},
}

// sample is the gauges at one time.
type sample struct {
	at     time.Duration
	values []float64
}

// watch samples a server.
type watch struct {
	client  *http.Client
	url     string
	every   time.Duration
	began   time.Time
	samples []sample
}

func newWatch(client *http.Client, endpoint string, every time.Duration) *watch {
	return &watch{client: client, url: strings.TrimSuffix(endpoint, "/") + "/_bailiwick/metrics", every: every, began: time.Now()}
}

// run samples until ctx ends.
func (w *watch) run(ctx context.Context) error {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		values, err := w.read()
		if err != nil {
			return err
		}
		w.samples = append(w.samples, sample{time.Since(w.began), values})
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (w *watch) read() ([]float64, error) {
	res, err := w.client.Get(w.url)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", w.url, res.Status)
	}
	return parseGauges(res.Body)
}

// parseGauges finds the gauges in a page of Prometheus's text format.
func parseGauges(page io.Reader) ([]float64, error) {
	values, found := make([]float64, len(gauges)), 0
	lines := bufio.NewScanner(page)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		for i, g := range gauges {
			if !ok || name != g.metric {
				continue
			}
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			values[i] = v / g.unit
			found++
		}
	}
	if found != len(gauges) {
		return nil, errors.Join(lines.Err(), errors.New("the server does not show its memory, goroutines and file handles"))
	}
	return values, lines.Err()
}

// print tells of the first and the last sample and of the highest values.
func (w *watch) print(out io.Writer) {
	if len(w.samples) == 0 {
		return
	}
	first, last := w.samples[0], w.samples[len(w.samples)-1]
	fmt.Fprintf(out, "\nserver, from %d samples: first, highest, last\n", len(w.samples))
	for i, g := range gauges {
		highest := first.values[i]
		for _, s := range w.samples {
			highest = max(highest, s.values[i])
		}
		fmt.Fprintf(out, "  %-14s %10.1f %10.1f %10.1f\n", g.name, first.values[i], highest, last.values[i])
	}
}

// write writes the samples as CSV, with the seconds since the beginning.
func (w *watch) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	c := csv.NewWriter(f)
	head := []string{"seconds"}
	for _, g := range gauges {
		head = append(head, g.name)
	}
	rows := [][]string{head}
	for _, s := range w.samples {
		row := []string{strconv.FormatFloat(s.at.Seconds(), 'f', 1, 64)}
		for _, v := range s.values {
			row = append(row, strconv.FormatFloat(v, 'f', 2, 64))
		}
		rows = append(rows, row)
	}
	return errors.Join(c.WriteAll(rows), f.Close())
}

// Parts of a soak: the first fifth warms caches up, the rest is looked at in quarters.
const (
	warmUp       = 5
	quarters     = 4
	leastSamples = 5 * quarters
)

// judge fails if something of the server went up from quarter to quarter and ended higher
// than its slack allows.
func (w *watch) judge(out io.Writer) error {
	steady := w.samples[len(w.samples)/warmUp:]
	if len(steady) < leastSamples {
		return fmt.Errorf("%d samples after the warm-up are too few to judge: take them more often, or soak for longer", len(steady))
	}
	fmt.Fprintf(out, "\nmiddle value of each quarter after the warm-up\n")
	var err error
	for i, g := range gauges {
		if !g.judged {
			continue
		}
		m := quarterMedians(steady, i)
		verdict := "steady"
		rises := m[0] < m[1] && m[1] < m[2] && m[2] < m[3]
		if rises && m[3] > m[0]*1.05+g.slack {
			verdict = "GROWS"
			err = errors.Join(err, fmt.Errorf("%s grew from %.1f to %.1f", g.name, m[0], m[3]))
		}
		fmt.Fprintf(out, "  %-14s %10.1f %10.1f %10.1f %10.1f  %s\n", g.name, m[0], m[1], m[2], m[3], verdict)
	}
	return err
}

func quarterMedians(samples []sample, gauge int) [quarters]float64 {
	var medians [quarters]float64
	for q := range medians {
		part := samples[q*len(samples)/quarters : (q+1)*len(samples)/quarters]
		values := make([]float64, len(part))
		for i, s := range part {
			values[i] = s.values[gauge]
		}
		slices.Sort(values)
		medians[q] = values[len(values)/2]
	}
	return medians
}
