package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/bailiwick/bailiwick/credential"
)

// keyFlags say where the master keys come from.
type keyFlags struct {
	MasterKey          string   `help:"Master key (32 bytes, hexadecimal or base64) that seals secrets and session tokens; default: the file master.key in the data folder, made at the first start. Nodes of one database share it." env:"BAILIWICK_MASTER_KEY" placeholder:"KEY" xor:"masterkey"`
	MasterKeyFile      string   `help:"File with the master key, and former ones on further lines. It is read again when it changes." env:"BAILIWICK_MASTER_KEY_FILE" placeholder:"FILE" xor:"masterkey"`
	MasterKeyCommand   string   `help:"Command (run by /bin/sh) that prints the master key, and former ones on further lines. It is run again on SIGHUP." env:"BAILIWICK_MASTER_KEY_COMMAND" placeholder:"COMMAND" xor:"masterkey"`
	PreviousMasterKeys []string `help:"Former master keys that still open what they sealed." env:"BAILIWICK_PREVIOUS_MASTER_KEYS" placeholder:"KEY"`
}

// masterKeyFile is the name of the master key's file in the data folder.
const masterKeyFile = "master.key"

const (
	// keyCommandTime is how long --master-key-command may take.
	keyCommandTime = 30 * time.Second
	// keyCommandOutput bounds what it may print, in bytes.
	keyCommandOutput = 4 << 10
)

// file is the file of the keys, or empty if they come from elsewhere. An empty folder means
// that there is none.
func (f *keyFlags) file(folder string) string {
	switch {
	case f.MasterKeyFile != "":
		return f.MasterKeyFile
	case f.MasterKey != "", f.MasterKeyCommand != "", folder == "":
		return ""
	}
	return filepath.Join(folder, masterKeyFile)
}

// load reads the master keys, the current one first. Only the file in the data folder is made
// if it is not there; without a folder the key lives as long as the process.
func (f *keyFlags) load(ctx context.Context, folder string) ([]credential.MasterKey, error) {
	keys, err := f.loadSource(ctx, folder)
	if err != nil {
		return nil, err
	}
	for _, text := range f.PreviousMasterKeys {
		key, err := credential.ParseMasterKey(text)
		if err != nil {
			return nil, fmt.Errorf("--previous-master-keys: %w", err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (f *keyFlags) loadSource(ctx context.Context, folder string) ([]credential.MasterKey, error) {
	switch {
	case f.MasterKey != "":
		key, err := credential.ParseMasterKey(f.MasterKey)
		if err != nil {
			return nil, fmt.Errorf("--master-key: %w", err)
		}
		return []credential.MasterKey{key}, nil
	case f.MasterKeyFile != "":
		keys, err := credential.LoadMasterKeys(f.MasterKeyFile)
		if err != nil {
			return nil, fmt.Errorf("--master-key-file: %w", err)
		}
		return keys, nil
	case f.MasterKeyCommand != "":
		keys, err := keysOfCommand(ctx, f.MasterKeyCommand)
		if err != nil {
			return nil, fmt.Errorf("--master-key-command: %w", err)
		}
		return keys, nil
	case folder == "":
		key, err := credential.NewMasterKey()
		return []credential.MasterKey{key}, err
	default:
		return credential.LoadOrCreateMasterKeys(filepath.Join(folder, masterKeyFile))
	}
}

// existing reads the master keys of data that is there. It makes no key: a new one could open
// nothing.
func (f *keyFlags) existing(ctx context.Context, folder string) ([]credential.MasterKey, error) {
	if path := f.file(folder); path != "" && f.MasterKeyFile == "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("the data is of use only with the master key it was made with: put that key's file at %s, or give --master-key", path)
		}
	}
	return f.load(ctx, folder)
}

// keysOfCommand runs a command that prints keys. What it says on its standard error goes to
// ours; what it prints goes nowhere else.
func keysOfCommand(ctx context.Context, command string) ([]credential.MasterKey, error) {
	ctx, cancel := context.WithTimeout(ctx, keyCommandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Stderr = os.Stderr
	// A child of the shell that holds on to the pipe must not hold us up.
	cmd.WaitDelay = time.Second
	var out limited
	cmd.Stdout = &out
	err := cmd.Run()
	defer clear(out.Bytes())
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("it took longer than %v", keyCommandTime)
	case err != nil:
		return nil, err
	}
	return credential.ParseMasterKeys(out.String())
}

// limited keeps as much as keys can be, and refuses more.
type limited struct{ bytes.Buffer }

// Write implements io.Writer.
func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > keyCommandOutput {
		return 0, errors.New("it prints more than keys")
	}
	return l.Buffer.Write(p)
}
