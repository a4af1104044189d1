package serviceauth

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// The file data.bin, in order:
//
//	"BWSA", one byte: version of the format
//	string  version of the source package
//	string  day of its data, yyyy-mm-dd
//	string  dictionary for the compressed sections
//	uvarint number of services, and for each, ascending by prefix:
//	        string prefix, string name, byte flags (1: supports RCPs),
//	        uvarint length of the section unpacked, uvarint length packed
//	the sections, each a DEFLATE stream that starts from the dictionary
//
// A string is its length as uvarint and its bytes. A section is text, a line for each
// fact, fields divided by tabs; lists of numbers refer to earlier lines of that kind:
//
//	k type-letter name                            condition key; upper case: multivalued
//	r name ARN-template keys                      resource type
//	a name level-letter keys {resource[*][:keys]} action; *: the resource is required
//
//go:embed data.bin
var data []byte

const magic = "BWSA\x01"

type table struct {
	version    string
	updated    string
	dictionary []byte
	services   []*Service // ascending by prefix
	byPrefix   map[string]*Service
}

// index is the list of services, read at the first call.
var index = sync.OnceValue(func() *table { return mustReadIndex(data) })

func mustReadIndex(b []byte) *table {
	t, err := readIndex(b)
	if err != nil {
		panic("serviceauth: embedded table: " + err.Error())
	}
	return t
}

func readIndex(b []byte) (*table, error) {
	if !bytes.HasPrefix(b, []byte(magic)) {
		return nil, fmt.Errorf("does not start with %q", magic)
	}
	r := reader{rest: b[len(magic):]}
	t := &table{version: r.string(), updated: r.string(), dictionary: []byte(r.string())}
	n := r.uint()
	t.byPrefix = make(map[string]*Service, n)
	for range n {
		s := &Service{Prefix: r.string(), Name: r.string(), RCPSupported: r.byte()&1 != 0}
		s.size, s.packedSize = r.uint(), r.uint()
		s.table = t
		t.services = append(t.services, s)
		t.byPrefix[s.Prefix] = s
		if r.failed {
			break
		}
	}
	for _, s := range t.services {
		s.packed = r.take(s.packedSize)
	}
	if r.failed || len(r.rest) != 0 {
		return nil, fmt.Errorf("has the wrong length")
	}
	return t, nil
}

// reader takes values from the front of a byte slice; failed reports that it was short.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) uint() int {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > 1<<30 {
		r.failed = true
		return 0
	}
	r.rest = r.rest[size:]
	return int(n)
}

func (r *reader) take(n int) []byte {
	if r.failed || n > len(r.rest) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) string() string { return string(r.take(r.uint())) }

func (r *reader) byte() byte {
	b := r.take(1)
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// unpack reads a service's section.
func (s *Service) unpack() (*contents, error) {
	z := flate.NewReaderDict(bytes.NewReader(s.packed), s.table.dictionary)
	text := make([]byte, s.size)
	if _, err := io.ReadFull(z, text); err != nil {
		return nil, err
	}
	c := &contents{}
	// All names are parts of this one string.
	for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
		if line == "" {
			continue // a service without any fact
		}
		if err := c.add(strings.Split(line, "\t")); err != nil {
			return nil, fmt.Errorf("line %q: %w", line, err)
		}
	}
	c.rank()
	return c, nil
}

func (c *contents) add(fields []string) error {
	switch {
	case fields[0] == "k" && len(fields) == 3:
		return c.addKey(fields[1], fields[2])
	case fields[0] == "r" && len(fields) == 4:
		keys, err := c.keyNames(fields[3])
		c.resources = append(c.resources, ResourceType{Name: fields[1], ARN: fields[2], ConditionKeys: keys})
		return err
	case fields[0] == "a" && len(fields) >= 4:
		return c.addAction(fields[1], fields[2], fields[3], fields[4:])
	}
	return fmt.Errorf("is not a fact")
}

func (c *contents) addKey(letter, name string) error {
	lower := strings.ToLower(letter)
	kind, ok := keyTypes[lower]
	if !ok {
		return fmt.Errorf("unknown type")
	}
	c.keys = append(c.keys, Key{Name: name, Type: kind, MultiValued: letter != lower})
	return nil
}

func (c *contents) addAction(name, level, keys string, resources []string) error {
	a := Action{Name: name}
	var ok bool
	if a.AccessLevel, ok = accessLevels[level]; !ok {
		return fmt.Errorf("unknown access level")
	}
	var err error
	if a.ConditionKeys, err = c.keyNames(keys); err != nil {
		return err
	}
	for _, field := range resources {
		number, own, _ := strings.Cut(field, ":")
		number, required := strings.CutSuffix(number, "*")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= len(c.resources) {
			return fmt.Errorf("no resource type %q", number)
		}
		r := ActionResource{Type: &c.resources[n], Required: required}
		if r.ConditionKeys, err = c.keyNames(own); err != nil {
			return err
		}
		a.Resources = append(a.Resources, r)
	}
	c.actions = append(c.actions, a)
	return nil
}

// keyNames resolves a list of numbers of condition keys.
func (c *contents) keyNames(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	names := make([]string, 0, strings.Count(list, ",")+1)
	for field := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 0 || n >= len(c.keys) {
			return nil, fmt.Errorf("no condition key %q", field)
		}
		names = append(names, c.keys[n].Name)
	}
	return names, nil
}

var accessLevels = map[string]AccessLevel{
	"L": List, "R": Read, "W": Write, "P": PermissionsManagement, "T": Tagging,
}

var keyTypes = map[string]KeyType{
	"s": String, "a": ARN, "b": Bool, "n": Numeric, "d": Date, "i": IPAddress, "y": Binary,
}
