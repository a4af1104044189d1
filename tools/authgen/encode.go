package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// magic opens the table; its last byte is the version of the format.
const magic = "BWSA\x01"

// dictionary holds the strings that nearly every section repeats. Compressing the
// sections one by one (so that each can be read alone) would otherwise lose them.
const dictionary = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}" +
	"${ResourceId}\t${ResourceName}\t${Name}/${Id}arn:${Partition}:s3:::" +
	"\nk\ts\taws:ResourceTag/${TagKey}\nk\ts\taws:RequestTag/${TagKey}\nk\tS\taws:TagKeys\n" +
	"GetResourcePolicy\tPutResourcePolicy\tDeleteResourcePolicy\t" +
	"\na\tCreate\tW\t\na\tDelete\tW\t\na\tDescribe\tR\t\na\tUpdate\tW\t\na\tGet\tR\t\na\tList\tL\t\na\tPut\tW\t\na\tStart\tW\t\na\tStop\tW\t" +
	"\na\tBatchGet\tR\t\na\tListTagsForResource\tR\t\t0*\na\tTagResource\tT\t0,1,2\t0\na\tUntagResource\tT\t2\t0\n"

func encode(src *source) ([]byte, error) {
	services := src.services

	var head, body bytes.Buffer
	head.WriteString(magic)
	writeString(&head, src.version)
	writeString(&head, src.updated)
	writeString(&head, dictionary)
	writeUint(&head, uint64(len(services)))
	for _, s := range services {
		text, err := section(s)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", s.prefix, err)
		}
		packed, err := compress(text)
		if err != nil {
			return nil, err
		}
		flags := byte(0)
		if s.rcp {
			flags = 1
		}
		writeString(&head, s.prefix)
		writeString(&head, s.name)
		head.WriteByte(flags)
		writeUint(&head, uint64(len(text)))
		writeUint(&head, uint64(len(packed)))
		body.Write(packed)
	}
	return append(head.Bytes(), body.Bytes()...), nil
}

// section renders one service as lines of tab-separated fields: condition keys (k),
// resource types (r), actions (a). Later lines refer to earlier ones by their number.
func section(s service) ([]byte, error) {
	var b bytes.Buffer
	keyIndex, err := writeKeys(&b, s)
	if err != nil {
		return nil, err
	}
	resourceIndex, err := writeResources(&b, s, keyIndex)
	if err != nil {
		return nil, err
	}
	for _, id := range sortedKeys(s.actions) {
		a := s.actions[id]
		level, ok := accessLevels[a.AccessLevel]
		if !ok {
			return nil, fmt.Errorf("action %s has the unknown access level %q", a.Name, a.AccessLevel)
		}
		keys, err := refs(a.ConditionKeys, keyIndex)
		if err != nil {
			return nil, fmt.Errorf("action %s: %w", a.Name, err)
		}
		fmt.Fprintf(&b, "a\t%s\t%s\t%s", a.Name, level, keys)
		sort.SliceStable(a.ResourceTypes, func(i, j int) bool { return a.ResourceTypes[i].Name < a.ResourceTypes[j].Name })
		for _, r := range a.ResourceTypes {
			n, ok := resourceIndex[strings.ToLower(r.Name)]
			if !ok {
				return nil, fmt.Errorf("action %s names the unknown resource type %q", a.Name, r.Name)
			}
			field := strconv.Itoa(n)
			if r.Required {
				field += "*"
			}
			own, err := refs(r.ConditionKeys, keyIndex)
			if err != nil {
				return nil, fmt.Errorf("action %s: %w", a.Name, err)
			}
			if own != "" {
				field += ":" + own
			}
			b.WriteString("\t" + field)
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

func writeKeys(b *bytes.Buffer, s service) (map[string]int, error) {
	index := make(map[string]int, len(s.keys))
	for i, id := range sortedKeys(s.keys) {
		k := s.keys[id]
		letter, ok := keyTypes[k.Type]
		if !ok {
			return nil, fmt.Errorf("condition key %s has the unknown type %q", k.Key, k.Type)
		}
		index[strings.ToLower(k.Key)] = i
		fmt.Fprintf(b, "k\t%s\t%s\n", letter, keyName(k.Key))
	}
	return index, nil
}

// keyName gives keys that stand for one key per tag a single form: the reference writes
// their variable in four ways.
func keyName(key string) string {
	for _, ending := range []string{"/tag-key", "/<key>", "/"} {
		if before, ok := strings.CutSuffix(key, ending); ok {
			return before + "/${TagKey}"
		}
	}
	return key
}

func writeResources(b *bytes.Buffer, s service, keyIndex map[string]int) (map[string]int, error) {
	index := make(map[string]int, len(s.resources))
	for i, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		keys, err := refs(r.ConditionKeys, keyIndex)
		if err != nil {
			return nil, fmt.Errorf("resource type %s: %w", r.Key, err)
		}
		index[strings.ToLower(r.Key)] = i
		fmt.Fprintf(b, "r\t%s\t%s\t%s\n", r.Key, r.ARN, keys)
	}
	return index, nil
}

// accessLevels maps the package's wording to one letter. The package joins the two
// narrower levels with Write; AWS's reference gives each action one level, the narrower.
var accessLevels = map[string]string{
	"List":                          "L",
	"Read":                          "R",
	"Write":                         "W",
	"Permissions management":        "P",
	"Permissions management, Write": "P",
	"Tagging":                       "T",
	"Tagging, Write":                "T",
}

// keyTypes maps a condition key's type to one letter, in upper case for arrays.
var keyTypes = map[string]string{
	"String": "s", "ArrayOfString": "S",
	"ARN": "a", "ArrayOfARN": "A",
	"Bool": "b", "ArrayOfBool": "B",
	"Numeric": "n", "ArrayOfNumeric": "N",
	"Date": "d", "ArrayOfDate": "D",
	"IPAddress": "i", "ArrayOfIPAddress": "I",
	"Binary": "y", "ArrayOfBinary": "Y",
}

// refs renders condition keys as their numbers, ascending, with commas.
func refs(keys []string, index map[string]int) (string, error) {
	numbers := make([]int, 0, len(keys))
	for _, k := range keys {
		n, ok := index[strings.ToLower(k)]
		if !ok {
			return "", fmt.Errorf("unknown condition key %q", k)
		}
		numbers = append(numbers, n)
	}
	sort.Ints(numbers)
	fields := make([]string, 0, len(numbers))
	for i, n := range numbers {
		if i > 0 && numbers[i-1] == n {
			continue
		}
		fields = append(fields, strconv.Itoa(n))
	}
	return strings.Join(fields, ","), nil
}

func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriterDict(&b, flate.BestCompression, []byte(dictionary))
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeString(b *bytes.Buffer, s string) {
	writeUint(b, uint64(len(s)))
	b.WriteString(s)
}

func writeUint(b *bytes.Buffer, n uint64) {
	b.Write(binary.AppendUvarint(nil, n))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
