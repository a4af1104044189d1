package sts

import (
	"sync"
	"time"
)

// A six-digit code must not be guessed by trying: after a few wrong ones in a row a device
// rests, each time longer. The counts live in this process; nodes count for themselves.
const (
	freeGuesses  = 5
	firstRest    = 10 * time.Second
	longestRest  = 15 * time.Minute
	maxGuessers  = 10_000
	forgetAfter  = time.Hour
	doublingStop = 8
)

// guesses counts wrong codes by device. The zero value is ready.
type guesses struct {
	mu      sync.Mutex
	devices map[string]guesser
}

type guesser struct {
	wrong int
	last  time.Time
}

// verdict is what came of a code.
type verdict uint8

const (
	wrong verdict = iota
	right
	// unseen codes were not compared: there is no such device, or the store failed.
	unseen
)

// begin reports whether a code of the device may be looked at; while the device rests codes
// are refused unseen. The code counts as a wrong one until end says otherwise: of many that
// are sent at once no more are looked at than of as many in a row.
func (g *guesses) begin(device string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.devices[device]
	if d.wrong >= freeGuesses {
		rest := min(firstRest<<min(d.wrong-freeGuesses, doublingStop), longestRest)
		if now.Before(d.last.Add(rest)) {
			return false
		}
	}
	if g.devices == nil {
		g.devices = map[string]guesser{}
	}
	if len(g.devices) >= maxGuessers {
		for name, d := range g.devices {
			if now.Sub(d.last) > forgetAfter {
				delete(g.devices, name)
			}
		}
	}
	g.devices[device] = guesser{d.wrong + 1, now}
	return true
}

// end says what came of a code that begin let through. A right one forgets all wrong ones.
func (g *guesses) end(device string, v verdict) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch d := g.devices[device]; {
	case v == wrong:
	case v == right, d.wrong <= 1:
		delete(g.devices, device)
	default:
		d.wrong--
		g.devices[device] = d
	}
}
