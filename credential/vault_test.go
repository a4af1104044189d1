package credential_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bailiwick/bailiwick/credential"
)

func testVault(t testing.TB, current credential.MasterKey, previous ...credential.MasterKey) *credential.Vault {
	t.Helper()
	v, err := credential.NewVault(credential.NewKeyring(current, previous...))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVault(t *testing.T) {
	v := testVault(t, testKey(t, "11"))
	secret := []byte("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
	sealed, err := v.Seal("AKIAONE", secret)
	if err != nil {
		t.Fatal(err)
	}
	again, err := v.Seal("AKIAONE", secret)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(sealed, again) {
		t.Error("one secret sealed twice looks the same")
	}
	if got, err := v.Open("AKIAONE", sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("Open = %q, %v", got, err)
	}
	if _, err := v.Open("AKIATWO", sealed); !errors.Is(err, credential.ErrSealed) {
		t.Errorf("another owner: %v", err)
	}
	for i := range sealed {
		damaged := bytes.Clone(sealed)
		damaged[i] ^= 1
		if _, err := v.Open("AKIAONE", damaged); !errors.Is(err, credential.ErrSealed) {
			t.Errorf("byte %d damaged: %v", i, err)
		}
		if _, err := v.Open("AKIAONE", sealed[:i]); !errors.Is(err, credential.ErrSealed) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	if len(sealed) != len(secret)+33 {
		t.Errorf("sealing adds %d bytes, the documentation says 33", len(sealed)-len(secret))
	}
	rotated := testVault(t, testKey(t, "22"), testKey(t, "11"))
	if got, err := rotated.Open("AKIAONE", sealed); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("after rotation: %q, %v", got, err)
	}
	if _, err := testVault(t, testKey(t, "22")).Open("AKIAONE", sealed); !errors.Is(err, credential.ErrSealed) {
		t.Errorf("without the old key: %v", err)
	}
}

func TestParseMasterKey(t *testing.T) {
	raw := bytes.Repeat([]byte{0xfb, 0xff}, 16)
	want, err := credential.ParseMasterKey(strings.Repeat("fbff", 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		strings.Repeat("FBFF", 16) + "\n",
		base64.StdEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw),
		" " + base64.URLEncoding.EncodeToString(raw) + "\r\n",
		base64.RawURLEncoding.EncodeToString(raw),
	} {
		if got, err := credential.ParseMasterKey(text); err != nil || got != want {
			t.Errorf("ParseMasterKey(%q) = %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "secret", strings.Repeat("fb", 31), strings.Repeat("fb", 33), strings.Repeat("zz", 32), base64.StdEncoding.EncodeToString(raw[:31])} {
		_, err := credential.ParseMasterKey(text)
		if err == nil {
			t.Errorf("ParseMasterKey(%q) took it", text)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

func TestMasterKeyIsNotPrinted(t *testing.T) {
	key := testKey(t, "c0")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		text := fmt.Sprintf(verb, key)
		if strings.Contains(text, "c0c0c0") || strings.Contains(text, "192 192") || strings.Contains(text, "0xc0, 0xc0") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func TestLoadOrCreateMasterKeys(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "master.key")
	var wg sync.WaitGroup
	keys := make([]credential.MasterKey, 8)
	for i := range keys {
		wg.Go(func() {
			found, err := credential.LoadOrCreateMasterKeys(path)
			if err != nil || len(found) != 1 {
				t.Error(len(found), err)
				return
			}
			keys[i] = found[0]
		})
	}
	wg.Wait()
	for _, key := range keys {
		if key != keys[0] {
			t.Fatal("processes that start together got different keys")
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestMasterKeyFileIsNeverReplaced(t *testing.T) {
	tests := []struct {
		name, content string
		mode          os.FileMode
	}{
		{"readable by the group", strings.Repeat("ab", 32), 0o640},
		{"readable by all", strings.Repeat("ab", 32), 0o604},
		{"empty", "", 0o600},
		{"not a key", "hello", 0o600},
		{"a key and something else", strings.Repeat("ab", 32) + "\n" + strings.Repeat("cd", 30), 0o600},
		{"only a remark", "# nothing\n", 0o600},
		{"too many keys", strings.Repeat(strings.Repeat("ab", 32)+"\n", 17), 0o600},
		{"long", strings.Repeat("ab", 2000), 0o600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "master.key")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := credential.LoadOrCreateMasterKeys(path); err == nil {
				t.Error("it was taken")
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != tt.content {
				t.Errorf("the file was changed: %q, %v", got, err)
			}
		})
	}
	if _, err := credential.LoadOrCreateMasterKeys(t.TempDir()); err == nil {
		t.Error("a folder was taken for a key")
	}
	if _, err := credential.LoadOrCreateMasterKeys(filepath.Join(t.TempDir(), "no", "folder")); err == nil {
		t.Error("a key was made in a folder that is not there")
	}
}

func BenchmarkVaultSeal(b *testing.B) {
	v := testVault(b, testKey(b, "11"))
	secret := []byte("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Seal("ASIAQNZGKIQY56JQ7WML", secret); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVaultOpen(b *testing.B) {
	v := testVault(b, testKey(b, "11"))
	sealed, err := v.Seal("ASIAQNZGKIQY56JQ7WML", []byte("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Open("ASIAQNZGKIQY56JQ7WML", sealed); err != nil {
			b.Fatal(err)
		}
	}
}
