package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"

	// The module is needed for the models in it, not for its code; this package has none
	// and keeps the requirement in go.mod.
	_ "github.com/aws/aws-sdk-go/models/endpoints"
)

// baseModule is where the base layer lives.
const baseModule = "github.com/aws/aws-sdk-go"

// sources says where the layers are.
type sources struct {
	// base is the folder models/apis of the base module.
	base string
	// npm is the folder with package.json, node_modules and dump.mjs; empty leaves the
	// current layer out.
	npm string
	// overlays is the folder of the hand-written layer; empty leaves it out.
	overlays string
}

// findBase asks the go command where the base module is. dir is a folder of the tools
// module.
func findBase(dir string) (string, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", baseModule)
	cmd.Dir = dir
	out, err := run(cmd)
	if err != nil {
		return "", err
	}
	return filepath.Join(string(bytes.TrimSpace(out)), "models", "apis"), nil
}

// load reads the layers of t and lays them one over the other.
func (s *sources) load(t target) (*object, error) {
	tree, err := s.loadBase(t)
	if err != nil {
		return nil, err
	}
	if s.npm != "" && t.client != "" {
		dump, err := s.loadCurrent(t)
		if err != nil {
			return nil, err
		}
		if err := applyCurrent(tree, dump); err != nil {
			return nil, fmt.Errorf("%s: %w", t.client, err)
		}
	}
	if s.overlays == "" {
		return tree, nil
	}
	text, err := os.ReadFile(filepath.Join(s.overlays, t.pkg+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return tree, nil
	}
	if err != nil {
		return nil, err
	}
	over, err := parseTree(text)
	if err != nil {
		return nil, fmt.Errorf("overlay of %s: %w", t.pkg, err)
	}
	return overlay(tree, over), nil
}

// loadBase reads the newest version of the service's base model.
func (s *sources) loadBase(t target) (*object, error) {
	files, err := filepath.Glob(filepath.Join(s.base, t.base, "*", "api-2.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no model of %s in %s", t.base, s.base)
	}
	sort.Strings(files)
	text, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return nil, err
	}
	return parseTree(text)
}

// loadCurrent runs dump.mjs for the service's npm package.
func (s *sources) loadCurrent(t target) (*object, error) {
	if _, err := os.Stat(filepath.Join(s.npm, "node_modules")); err != nil {
		return nil, fmt.Errorf("the packages are not installed: run npm ci in tools/models first: %w", err)
	}
	cmd := exec.Command("node", "--no-warnings", "dump.mjs", t.client)
	cmd.Dir = s.npm
	text, err := run(cmd)
	if err != nil {
		return nil, err
	}
	return parseTree(text)
}

// run returns the output of cmd; a failure's error holds what it wrote to stderr.
func run(cmd *exec.Cmd) ([]byte, error) {
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, errs.Bytes())
	}
	return out.Bytes(), nil
}
