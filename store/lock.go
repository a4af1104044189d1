package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// FolderLock is the right of one process to use a data folder.
type FolderLock struct{ file *os.File }

// LockFolder takes the data folder for this process, by a lock on the file "lock" in it,
// and writes the process id there for people to read. The system gives the lock up when
// the process ends, however it ends; the file stays and means nothing. If another process
// has the folder the error is [ErrLocked] and names it.
func LockFolder(folder string) (*FolderLock, error) {
	path := filepath.Join(folder, "lock")
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if err := lockFile(file); err != nil {
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("lock data folder %s: %w", folder, err), file.Close())
		}
		owner, _ := io.ReadAll(io.LimitReader(file, 32))
		pid := strings.TrimSpace(string(owner))
		if pid == "" {
			pid = "unknown"
		}
		err = fmt.Errorf("%w: %s belongs to the running process %s", ErrLocked, folder, pid)
		return nil, errors.Join(err, file.Close())
	}
	if err := writeOwner(file); err != nil {
		return nil, errors.Join(fmt.Errorf("lock data folder %s: %w", folder, err), file.Close())
	}
	return &FolderLock{file: file}, nil
}

// lockFile takes the lock without waiting for it.
func lockFile(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func writeOwner(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// Close gives the folder up.
func (l *FolderLock) Close() error { return l.file.Close() }
