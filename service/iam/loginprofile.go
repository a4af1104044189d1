package iam

import (
	"context"
	"io"
	"time"

	iamapi "github.com/bailiwick/bailiwick/api/iam"
	"github.com/bailiwick/bailiwick/credential"
	"github.com/bailiwick/bailiwick/iam"
	"github.com/bailiwick/bailiwick/smithy"
	"github.com/bailiwick/bailiwick/store"
)

// CreateLoginProfile gives a user a password. In a root session it lets the root user recover
// one.
func (s *Service) CreateLoginProfile(ctx context.Context, in *iamapi.CreateLoginProfileInput) (*iamapi.CreateLoginProfileOutput, error) {
	if meansRoot(ctx, in.UserName) {
		return s.createRootProfile(ctx, in)
	}
	name, err := signInUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	if in.Password == nil {
		return nil, validation("A password must be specified for an IAM user.")
	}
	password, err := s.choose(ctx, name, in.Password, passwords{first: true})
	if err != nil {
		return nil, wireError(err)
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateLoginProfileOutput, error) {
		if err := touch(ctx, tx, iam.KindUser, &name); err != nil {
			return nil, err
		}
		l, err := iam.CreateLoginProfile(ctx, tx, account(ctx), name, password, smithy.Value(in.PasswordResetRequired))
		if err != nil {
			return nil, err
		}
		return &iamapi.CreateLoginProfileOutput{LoginProfile: loginProfile(&l)}, nil
	})
}

// GetLoginProfile says whether and since when a user has a password.
func (s *Service) GetLoginProfile(ctx context.Context, in *iamapi.GetLoginProfileInput) (*iamapi.GetLoginProfileOutput, error) {
	if meansRoot(ctx, in.UserName) {
		return read(ctx, s, func(tx *store.Tx) (*iamapi.GetLoginProfileOutput, error) {
			at, err := iam.RootLoginProfile(ctx, tx, account(ctx))
			return &iamapi.GetLoginProfileOutput{LoginProfile: rootProfile(at)}, err
		})
	}
	name, err := signInUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return read(ctx, s, func(tx *store.Tx) (*iamapi.GetLoginProfileOutput, error) {
		l, err := iam.GetLoginProfile(ctx, tx, account(ctx), name)
		if err != nil {
			return nil, err
		}
		return &iamapi.GetLoginProfileOutput{LoginProfile: loginProfile(&l)}, nil
	})
}

// UpdateLoginProfile sets another password for a user, or has the user choose one.
func (s *Service) UpdateLoginProfile(ctx context.Context, in *iamapi.UpdateLoginProfileInput) (*iamapi.UpdateLoginProfileOutput, error) {
	name := smithy.Value(in.UserName)
	var password *iam.Password
	if in.Password != nil {
		chosen, err := s.choose(ctx, name, in.Password, passwords{})
		if err != nil {
			return nil, wireError(err)
		}
		password = &chosen
	}
	return change[iamapi.UpdateLoginProfileOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindUser, &name); err != nil {
			return err
		}
		return iam.UpdateLoginProfile(ctx, tx, account(ctx), name, password, in.PasswordResetRequired)
	})
}

// DeleteLoginProfile takes a user's password away.
func (s *Service) DeleteLoginProfile(ctx context.Context, in *iamapi.DeleteLoginProfileInput) (*iamapi.DeleteLoginProfileOutput, error) {
	if meansRoot(ctx, in.UserName) {
		return change[iamapi.DeleteLoginProfileOutput](ctx, s, func(tx *store.Tx) error {
			return iam.DeleteRootLoginProfile(ctx, tx, account(ctx))
		})
	}
	name, err := signInUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return change[iamapi.DeleteLoginProfileOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindUser, &name); err != nil {
			return err
		}
		return iam.DeleteLoginProfile(ctx, tx, account(ctx), name)
	})
}

// ChangePassword sets another password for the caller, who must be a user and know the
// present one.
func (s *Service) ChangePassword(ctx context.Context, in *iamapi.ChangePasswordInput) (*iamapi.ChangePasswordOutput, error) {
	c := credential.FromContext(ctx)
	if c.Type != credential.User {
		return nil, &iamapi.InvalidUserTypeException{Message: smithy.Ptr("Only IAM Users can change their own password.")}
	}
	password, err := s.choose(ctx, c.EntityName, in.NewPassword, passwords{old: in.OldPassword})
	if err != nil {
		return nil, wireError(err)
	}
	return change[iamapi.ChangePasswordOutput](ctx, s, func(tx *store.Tx) error {
		if err := touch(ctx, tx, iam.KindUser, &c.EntityName); err != nil {
			return err
		}
		return iam.UpdateLoginProfile(ctx, tx, account(ctx), c.EntityName, &password, smithy.Ptr(false))
	})
}

// passwords says which passwords a user has before a new one is chosen.
type passwords struct {
	// first is true if there must be none yet.
	first bool
	// old is the present one if the caller has to know it.
	old *string
}

// choose checks and hashes a password outside of a transaction that writes.
func (s *Service) choose(ctx context.Context, user string, password *string, before passwords) (iam.Password, error) {
	var (
		p    *iam.Passwords
		rand io.Reader
	)
	err := s.DB.View(ctx, func(tx *store.Tx) (err error) {
		rand = tx.Rand()
		p, err = iam.PasswordsOf(ctx, tx, account(ctx), user, before.first)
		return err
	})
	if err != nil {
		return iam.Password{}, err
	}
	if before.old != nil {
		if err := p.Present(*before.old); err != nil {
			return iam.Password{}, err
		}
	}
	return p.Choose(smithy.Value(password), rand)
}

// meansRoot reports whether a call about a login profile is about the root user's: in a root
// session, and only there, it is if it names nobody.
func meansRoot(ctx context.Context, named *string) bool {
	c := credential.FromContext(ctx)
	return named == nil && c.Type == credential.RootUser && c.Session != nil && c.Session.AssumedRoot != ""
}

func (s *Service) createRootProfile(ctx context.Context, in *iamapi.CreateLoginProfileInput) (*iamapi.CreateLoginProfileOutput, error) {
	if in.Password != nil {
		return nil, validation("A password must not be specified in a session of AssumeRoot.")
	}
	return write(ctx, s, func(tx *store.Tx) (*iamapi.CreateLoginProfileOutput, error) {
		at, err := iam.CreateRootLoginProfile(ctx, tx, account(ctx))
		return &iamapi.CreateLoginProfileOutput{LoginProfile: rootProfile(at)}, err
	})
}

// rootProfile has no name: the root user has none.
func rootProfile(at time.Time) *iamapi.LoginProfile {
	return &iamapi.LoginProfile{CreateDate: date(at), PasswordResetRequired: smithy.Ptr(false)}
}

// signInUser is userName for passwords. The root user's is managed in root sessions only.
func signInUser(ctx context.Context, named *string) (string, error) {
	name, err := userName(ctx, named)
	if err == nil && name == "" {
		err = nameNeeded()
	}
	return name, err
}

func nameNeeded() error {
	return validation("Must specify userName when calling with the credentials of the root user")
}

func loginProfile(l *iam.LoginProfile) *iamapi.LoginProfile {
	return &iamapi.LoginProfile{
		UserName: &l.UserName, CreateDate: date(l.CreatedAt), PasswordResetRequired: &l.ResetRequired,
	}
}
