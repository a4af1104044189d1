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

// resting reports whether codes of the device are refused unseen.
func (g *guesses) resting(serial string, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.devices[serial]
	if d.wrong < freeGuesses {
		return false
	}
	rest := min(firstRest<<min(d.wrong-freeGuesses, doublingStop), longestRest)
	return now.Before(d.last.Add(rest))
}

// note counts a wrong code, or forgets all of them after a right one.
func (g *guesses) note(serial string, right bool, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if right {
		delete(g.devices, serial)
		return
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
	d := g.devices[serial]
	g.devices[serial] = guesser{d.wrong + 1, now}
}
