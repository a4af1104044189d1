package main

import (
	"context"
	"fmt"
	"time"

	"github.com/alecthomas/kong"

	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
	"github.com/bailiwick/bailiwick/weather"
	"github.com/bailiwick/bailiwick/wire"
)

// weatherFlag is what --weather says; empty means that there is none.
type weatherFlag string

// Decode implements [kong.MapperValue]: without a value the flag means mild weather.
func (w *weatherFlag) Decode(ctx *kong.DecodeContext) error {
	text := "true"
	if ctx.Scan.Peek().Type == kong.FlagValueToken {
		text = fmt.Sprint(ctx.Scan.Pop().Value)
	}
	switch text {
	case "", "false", "off":
		*w = ""
		return nil
	case "true":
		text = "mild"
	}
	*w = weatherFlag(text)
	_, err := weather.Parse(text)
	return err
}

// IsBool implements [kong.BoolMapperValue].
func (w *weatherFlag) IsBool() bool { return true }

// underWeather puts the weather that the flags ask for around a server.
func (n *node) underWeather(f *serverFlags, c wire.Config) (wire.Config, error) {
	if f.Weather == "" {
		return c, nil
	}
	settings, err := weather.Parse(string(f.Weather))
	if err != nil {
		return c, err
	}
	w, err := weather.New(weather.Config{Settings: settings, Created: n.created, Observe: n.metrics.Weather(), Logger: n.logger})
	if err != nil {
		return c, err
	}
	c.Keys, c.Gate = w.Keys(c.Keys), w.Gate(c.Gate)
	for i := range c.Mounts {
		c.Mounts[i].Handler = w.Handler(c.Mounts[i].Handler)
	}
	n.logger.Info("there is weather: calls take longer and are refused as at AWS", "weather", w.String())
	return c, nil
}

// created returns when an organization made the account.
func (n *node) created(ctx context.Context, accountID string) (at time.Time, made bool, err error) {
	err = n.db.View(ctx, func(tx *store.Tx) error {
		a, ok, err := org.AccountByID(ctx, tx, accountID)
		at, made = a.CreatedAt, ok && a.Created
		return err
	})
	return at, made, err
}
