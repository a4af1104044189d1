package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWeatherFlag(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(file, []byte(`{"weather": "rough,seed=2"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  string
		args []string
		want weatherFlag
		fail bool
	}{
		{name: "none", args: []string{"serve"}},
		{name: "alone", args: []string{"serve", "--weather"}, want: "mild"},
		{name: "before another flag", args: []string{"serve", "--weather", "--ephemeral"}, want: "mild"},
		{name: "with a value", args: []string{"serve", "--weather=rough,conflicts=off"}, want: "rough,conflicts=off"},
		{name: "off", args: []string{"serve", "--weather=off"}},
		{name: "of the environment", env: "seed=7", args: []string{"serve"}, want: "seed=7"},
		{name: "rather the flag's", env: "seed=7", args: []string{"serve", "--weather=rough"}, want: "rough"},
		{name: "of the file", args: []string{"--config", file, "serve"}, want: "rough,seed=2"},
		{name: "unknown", args: []string{"serve", "--weather=stormy"}, fail: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("BAILIWICK_WEATHER", c.env)
			var parsed cli
			parser, err := newParser(&parsed)
			if err != nil {
				t.Fatal(err)
			}
			_, err = parser.Parse(c.args)
			if (err != nil) != c.fail {
				t.Fatal(err)
			}
			if got := parsed.Serve.Weather; !c.fail && got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
