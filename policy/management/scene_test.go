package management_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/policy/management"
)

// scene is a file of testdata; its README says what the members mean.
type scene struct {
	About, Type string
	Levels      [][]struct {
		ID     string
		Policy json.RawMessage
	}
	Effective json.RawMessage
	Problems  []string
}

func TestScenes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d scenes, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var s scene
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			if err := d.Decode(&s); err != nil {
				t.Fatal(err)
			}
			s.run(t)
		})
	}
}

func (s scene) run(t *testing.T) {
	typ, ok := management.Find(s.Type)
	if !ok {
		t.Fatalf("no type %s", s.Type)
	}
	var levels [][]management.Attached
	for _, l := range s.Levels {
		var level []management.Attached
		for _, p := range l {
			document, err := typ.Parse(string(p.Policy))
			if err != nil {
				t.Fatalf("%s: %v", p.ID, err)
			}
			level = append(level, management.Attached{PolicyID: p.ID, Document: document})
		}
		levels = append(levels, level)
	}
	effective := typ.Merge(levels)
	var want bytes.Buffer
	if err := json.Compact(&want, s.Effective); err != nil {
		t.Fatal(err)
	}
	if got := effective.JSON(); got != want.String() {
		t.Errorf("effective policy:\n got %s\nwant %s", got, &want)
	}
	if got := describe(effective); !slices.Equal(got, s.Problems) {
		t.Errorf("problems:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(s.Problems, "\n     "))
	}
}

// describe gives a line for each problem.
func describe(e *management.Effective) (lines []string) {
	for _, p := range e.Validate() {
		lines = append(lines, p.Code+" "+p.Path+" "+strings.Join(p.Policies, " ")+": "+p.Message)
	}
	return lines
}
