package credential

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxKeyFile bounds the file of master keys, in bytes.
const maxKeyFile = 4 << 10

// LoadOrCreateMasterKeys reads the master keys in the file at path (see [ParseMasterKeys]), or
// makes one and writes it there, readable by its owner only and on disk before it returns. A
// file that others may read, or that holds anything but keys, is an error and stays as it is: a
// new key in its place would make every secret in the store unreadable. Two processes that
// start at once get the same key.
func LoadOrCreateMasterKeys(path string) ([]MasterKey, error) {
	keys, err := LoadMasterKeys(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, err
	}
	key, err := NewMasterKey()
	if err != nil {
		return nil, err
	}
	// A hard link, unlike a rename, never replaces.
	if err := writeMasterKeys(path, []MasterKey{key}, os.Link); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("write the master key: %w", err)
	}
	// What counts is what is on disk: another process may have been first.
	return LoadMasterKeys(path)
}

// LoadMasterKeys reads the master keys in the file at path. It fails with fs.ErrNotExist if
// there is no such file.
func LoadMasterKeys(path string) ([]MasterKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the master key: %w", err)
	}
	switch mode := info.Mode(); {
	case !mode.IsRegular():
		return nil, fmt.Errorf("master key %s: not a regular file", path)
	case mode.Perm()&0o077 != 0:
		return nil, fmt.Errorf("master key %s: mode %04o lets others read it; make it 0600 and consider the key known", path, mode.Perm())
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("master key %s: %w", path, err)
	}
	keys, err := ParseMasterKeys(string(b))
	if err != nil {
		return nil, fmt.Errorf("master key %s: %w", path, err)
	}
	return keys, nil
}

// ReplaceMasterKeys writes the keys, the current one first, in place of what the file at path
// holds: in one step, on disk when it returns.
func ReplaceMasterKeys(path string, keys []MasterKey) error {
	if len(keys) == 0 || len(keys) > maxMasterKeys {
		return fmt.Errorf("a file holds 1 to %d master keys", maxMasterKeys)
	}
	if err := writeMasterKeys(path, keys, os.Rename); err != nil {
		return fmt.Errorf("write the master keys: %w", err)
	}
	return nil
}

// writeMasterKeys puts the keys into a file of their own, which put then gives its name.
func writeMasterKeys(path string, keys []MasterKey, put func(from, to string) error) (err error) {
	dir := filepath.Dir(path)
	// CreateTemp makes the file with mode 0600.
	f, err := os.CreateTemp(dir, ".master-key-*")
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(f.Name()); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	var text strings.Builder
	for _, key := range keys {
		text.WriteString(key.Reveal() + "\n")
	}
	_, err = f.WriteString(text.String())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := put(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
