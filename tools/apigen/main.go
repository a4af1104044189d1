package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "../api", "folder of the generated packages")
	npm := flag.String("npm", "models", "folder of the installed npm packages; empty uses the base model alone")
	overlays := flag.String("overlays", "apigen/overlay", "folder of the hand-written layer")
	flag.Parse()
	if err := generateAll(*out, &sources{npm: *npm, overlays: *overlays}); err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}

// generateAll writes every target below out. An empty s.base is looked up.
func generateAll(out string, s *sources) error {
	if s.base == "" {
		base, err := findBase(".")
		if err != nil {
			return err
		}
		s.base = base
	}
	for _, t := range targets {
		if err := generate(filepath.Join(out, t.pkg), t, s); err != nil {
			return fmt.Errorf("%s: %w", t.pkg, err)
		}
	}
	return nil
}

// generate writes one package into dir and removes generated files that are no longer
// part of it.
func generate(dir string, t target, s *sources) error {
	tree, err := s.load(t)
	if err != nil {
		return err
	}
	m, err := parseModel(t.pkg, tree)
	if err != nil {
		return err
	}
	p, err := newPlan(m)
	if err != nil {
		return err
	}
	files, err := emit(p)
	if err != nil {
		return err
	}
	return writePackage(dir, files)
}

// writePackage writes the files and removes generated ones that are no longer among them.
func writePackage(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, ok := files[filepath.Base(path)]; ok {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.HasPrefix(text, []byte(header)) {
			return fmt.Errorf("%s is not generated and must not stand beside generated files", path)
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
