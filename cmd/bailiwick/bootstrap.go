package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/store"
)

// The settings that the first start leaves in the store.
const (
	settingFirstAccount = "bailiwick/first-account"
	settingMasterCheck  = "credential/master-key-check"
)

// firstAccount is what the first start made; the secret is empty at later starts.
type firstAccount struct {
	ID, AccessKeyID, Secret string
	// CredentialsFile is where the secret was written, empty with --ephemeral.
	CredentialsFile string
}

// bootstrap makes the first account and its root access key, once in the life of a store.
// The credentials file is written before the transaction commits: a crash between the two
// leaves a file that the next start writes anew, never an account whose secret is lost. When
// another node of the same database was faster, the file that was written for nothing is
// removed again.
func bootstrap(ctx context.Context, db *store.DB, vault *credential.Vault, f *serverFlags) (firstAccount, error) {
	var first firstAccount
	written := ""
	err := db.Update(ctx, func(tx *store.Tx) error {
		if first.CredentialsFile != "" {
			written = first.CredentialsFile
		}
		first = firstAccount{}
		if err := checkMasterKey(tx, vault); err != nil {
			return err
		}
		id, ok, err := tx.Setting(settingFirstAccount)
		if err != nil || ok {
			first.ID = id
			return err
		}
		return makeFirstAccount(ctx, tx, vault, f, &first)
	})
	if err == nil && written != "" && first.CredentialsFile == "" {
		err = os.Remove(written)
	}
	return first, err
}

func makeFirstAccount(ctx context.Context, tx *store.Tx, vault *credential.Vault, f *serverFlags, first *firstAccount) error {
	account, err := org.CreateStandaloneAccount(ctx, tx, f.AccountID, f.AccountName, f.RootEmail)
	if err != nil {
		return fmt.Errorf("first account: %w", err)
	}
	first.ID, first.AccessKeyID, first.Secret = account.ID, f.RootAccessKeyID, f.RootSecretAccessKey
	if first.AccessKeyID == "" {
		first.AccessKeyID = credential.NewAccessKeyID(credential.LongTerm, account.ID, tx.Rand())
		first.Secret = credential.NewSecret(tx.Rand())
	}
	sealed, err := vault.Seal(first.AccessKeyID, []byte(first.Secret))
	if err != nil {
		return err
	}
	if err := iam.CreateRootAccessKey(ctx, tx, account.ID, first.AccessKeyID, sealed); err != nil {
		return err
	}
	if f.usesFolder() {
		first.CredentialsFile = filepath.Join(f.DataDir, "credentials")
		text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", first.AccessKeyID, first.Secret)
		if err := writeFile(first.CredentialsFile, text); err != nil {
			return err
		}
	}
	return tx.PutSetting(settingFirstAccount, account.ID)
}

// checkMasterKey keeps a server from running with another master key than the one that
// sealed what is in the store: it would refuse every access key without saying why.
func checkMasterKey(tx *store.Tx, vault *credential.Vault) error {
	check, ok, err := tx.Setting(settingMasterCheck)
	if err != nil {
		return err
	}
	if ok {
		sealed, err := hex.DecodeString(check)
		if err == nil {
			_, err = vault.Open(settingMasterCheck, sealed)
		}
		if err != nil {
			return errors.New("the master key is not the one that this store was made with; give the right --master-key (or the former one as --previous-master-keys)")
		}
		return nil
	}
	sealed, err := vault.Seal(settingMasterCheck, []byte("bailiwick"))
	if err != nil {
		return err
	}
	return tx.PutSetting(settingMasterCheck, hex.EncodeToString(sealed))
}

// operatorToken returns the token of the operator's API.
func operatorToken(f *serverFlags) (string, error) {
	if f.OperatorToken != "" {
		return f.OperatorToken, nil
	}
	path := filepath.Join(f.DataDir, "operator-token")
	if f.usesFolder() {
		text, err := os.ReadFile(path)
		if err == nil && len(strings.TrimSpace(string(text))) > 0 {
			return strings.TrimSpace(string(text)), nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("operator token: %w", err)
		}
	}
	var b [24]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	token := hex.EncodeToString(b[:])
	if f.usesFolder() {
		if err := writeFile(path, token+"\n"); err != nil {
			return "", err
		}
	}
	return token, nil
}

// writeFile puts text at path in one step, readable by its owner only, and on disk when it
// returns.
func writeFile(path, text string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
