package credential_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bailiwick/bailiwick/credential"
)

var issued = time.Date(2026, 3, 14, 23, 59, 58, 123456000, time.UTC)

func testKey(t testing.TB, fill string) credential.MasterKey {
	t.Helper()
	key, err := credential.ParseMasterKey(strings.Repeat(fill, 32))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func testSealer(t testing.TB) *credential.Sealer {
	return credential.NewSealer(credential.NewKeyring(testKey(t, "5a")))
}

func roleSession() *credential.Caller {
	return &credential.Caller{
		Type: credential.AssumedRole, AccountID: "111122223333",
		ARN:         "arn:aws:sts::111122223333:assumed-role/Deploy/ci",
		PrincipalID: "AROAZZZZZZZZZZZZZZZZZ:ci", EntityID: "AROAZZZZZZZZZZZZZZZZZ",
		EntityARN: "arn:aws:iam::111122223333:role/ops/Deploy", EntityName: "Deploy",
		AccessKeyID: "ASIAQNZGKIQY56JQ7WML",
		Session: &credential.Session{
			Name: "ci", IssuedAt: issued, ExpiresAt: issued.Add(time.Hour),
			Policy:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
			PolicyARNs: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"},
			Tags:       map[string]string{"Project": "pied-piper", "team": "", "Überschrift": "ja"}, TransitiveTagKeys: []string{"Project"},
			SourceIdentity: "richard", MFA: true, MFATime: issued.Add(-time.Minute), Chained: true, IssuerType: "AssumeRole",
		},
	}
}

func TestTokenCarriesTheWholeSession(t *testing.T) {
	s, c := testSealer(t), roleSession()
	token, err := s.Seal(c, "the secret")
	if err != nil {
		t.Fatal(err)
	}
	got, secret, err := s.Open(c.AccessKeyID, token, issued.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "the secret" || !reflect.DeepEqual(got, c) {
		t.Errorf("opened:\n%+v %+v\nsealed:\n%+v %+v", got, got.Session, c, c.Session)
	}
	for _, word := range []string{"the secret", "Deploy", "pied-piper"} {
		raw, _ := base64.RawURLEncoding.DecodeString(token)
		if strings.Contains(string(raw), word) {
			t.Errorf("the token shows %q", word)
		}
	}
}

func TestTokenCarriesFederatedKeys(t *testing.T) {
	s, c := testSealer(t), roleSession()
	c.Session.FederatedKeys = map[string][]string{"saml:sub": {"ann"}, "idp.example.com:amr": {"pwd", "otp"}, "saml:sub_type": {""}}
	for _, provider := range []string{"", "arn:aws:iam::111122223333:saml-provider/corp"} {
		c.Session.FederatedProvider = provider
		for _, size := range []int{0, 2000} {
			token, err := s.SealFilled(c, "the secret", size)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := s.Open(c.AccessKeyID, token, issued); err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("opened %+v, %v", got, err)
			}
		}
	}
}

func TestSealFilled(t *testing.T) {
	s, c := testSealer(t), roleSession()
	for _, provider := range []string{"", "arn:aws:iam::111122223333:oidc-provider/example.com"} {
		c.Session.FederatedProvider = provider
		for _, size := range []int{0, 1, 900, 901, 902, 903, 4095, 4096} {
			token, err := s.SealFilled(c, "the secret", size)
			if err != nil {
				t.Fatal(err)
			}
			if len(token) < size || size > 1000 && len(token) > size+4 {
				t.Errorf("asked for %d characters, got %d", size, len(token))
			}
			got, secret, err := s.Open(c.AccessKeyID, token, issued)
			if err != nil || secret != "the secret" || !reflect.DeepEqual(got, c) {
				t.Errorf("%d characters: %v\n%+v", size, err, got)
			}
		}
	}
}

// A field that is forgotten in the packed form would be lost in every session: fill all of
// them by reflection and see them again.
func TestNoFieldOfACallerIsLost(t *testing.T) {
	c := &credential.Caller{Session: &credential.Session{}}
	fill(t, reflect.ValueOf(c).Elem())
	c.Session.IssuedAt, c.Session.ExpiresAt = issued, issued.Add(time.Hour)
	s := testSealer(t)
	token, err := s.Seal(c, "x")
	if err != nil {
		t.Fatal(err)
	}
	got, _, err := s.Open(c.AccessKeyID, token, issued)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, c) {
		t.Errorf("opened:\n%+v %+v\nsealed:\n%+v %+v", got, got.Session, c, c.Session)
	}
}

func fill(t *testing.T, v reflect.Value) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch f.Interface().(type) {
		case string:
			f.SetString("value of " + name)
		case bool:
			f.SetBool(true)
		case time.Time:
			f.Set(reflect.ValueOf(issued))
		case []string:
			f.Set(reflect.ValueOf([]string{name, ""}))
		case map[string]string:
			f.Set(reflect.ValueOf(map[string]string{name: "x", "": name}))
		case map[string][]string:
			f.Set(reflect.ValueOf(map[string][]string{name: {"x", ""}, "": {name}}))
		case credential.PrincipalType:
			f.Set(reflect.ValueOf(credential.AssumedRole))
		case *credential.Session:
			fill(t, f.Elem())
		default:
			t.Fatalf("this test does not know the type of %s: say how it is packed", name)
		}
	}
}

func TestTokensOfAnySession(t *testing.T) {
	s := testSealer(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		c := &credential.Caller{
			Type:      credential.PrincipalType(rapid.IntRange(0, 4).Draw(t, "type")),
			AccountID: text.Draw(t, "account"), ARN: text.Draw(t, "arn"), AccessKeyID: text.Draw(t, "key"),
			Session: &credential.Session{
				Name: text.Draw(t, "name"), Policy: text.Draw(t, "policy"),
				IssuedAt: issued, ExpiresAt: issued.Add(time.Duration(rapid.IntRange(1, 129600).Draw(t, "seconds")) * time.Second),
				MFA: rapid.Bool().Draw(t, "mfa"), Chained: rapid.Bool().Draw(t, "chained"),
				TransitiveTagKeys: rapid.SliceOfN(text, 1, 5).Draw(t, "transitive"),
				Tags:              rapid.MapOfN(text, text, 1, 5).Draw(t, "tags"),
			},
		}
		token, err := s.Seal(c, text.Draw(t, "secret"))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := s.Open(c.AccessKeyID, token, issued)
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("Open = %+v, %v, want %+v", got, err, c)
		}
	})
}

func TestTokenThatWasTamperedWithIsInvalid(t *testing.T) {
	s, c := testSealer(t), roleSession()
	token, err := s.Seal(c, "the secret")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			if got, _, err := s.Open(c.AccessKeyID, base64.RawURLEncoding.EncodeToString(raw), issued); err == nil {
				t.Fatalf("bit %d of byte %d flipped, and still: %+v", bit, i, got)
			}
			raw[i] ^= 1 << bit
		}
	}
	for cut := range raw {
		if _, _, err := s.Open(c.AccessKeyID, base64.RawURLEncoding.EncodeToString(raw[:cut]), issued); !errors.Is(err, credential.ErrInvalidToken) {
			t.Fatalf("%d bytes of the token: %v", cut, err)
		}
	}
}

// The last character of a base64 text has bits that mean nothing: no other may take its place.
func TestTokenHasOneSpelling(t *testing.T) {
	s := testSealer(t)
	for length := range 3 {
		c := roleSession()
		c.Session.Name = strings.Repeat("x", length)
		token, err := s.Seal(c, "s")
		if err != nil {
			t.Fatal(err)
		}
		last := len(token) - 1
		for _, char := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
			_, _, err := s.Open(c.AccessKeyID, token[:last]+string(char), issued)
			if (err == nil) != (byte(char) == token[last]) {
				t.Errorf("token ending in %c, with %c instead: %v", token[last], char, err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	s, c := testSealer(t), roleSession()
	token, err := s.Seal(c, "the secret")
	if err != nil {
		t.Fatal(err)
	}
	end := c.Session.ExpiresAt
	tests := []struct {
		name       string
		sealer     *credential.Sealer
		key, token string
		now        time.Time
		want       error
	}{
		{"a microsecond before the end", s, c.AccessKeyID, token, end.Add(-time.Microsecond), nil},
		{"at the end", s, c.AccessKeyID, token, end, credential.ErrExpiredToken},
		{"a year later", s, c.AccessKeyID, token, end.AddDate(1, 0, 0), credential.ErrExpiredToken},
		{"on a clock ten minutes behind", s, c.AccessKeyID, token, issued.Add(-10 * time.Minute), nil},
		{"with another access key", s, "ASIAQNZGKIQY56JQ7WMM", token, issued, credential.ErrInvalidToken},
		{"without an access key", s, "", token, issued, credential.ErrInvalidToken},
		{"with another master key", credential.NewSealer(credential.NewKeyring(testKey(t, "a5"))), c.AccessKeyID, token, issued, credential.ErrInvalidToken},
		{"empty", s, c.AccessKeyID, "", issued, credential.ErrInvalidToken},
		{"with a line end", s, c.AccessKeyID, token[:40] + "\n" + token[40:], issued, credential.ErrInvalidToken},
		{"of days to come", s, c.AccessKeyID, token, issued.AddDate(0, 0, -10), credential.ErrInvalidToken},
		{"damaged, of a day long gone", s, c.AccessKeyID, token[:12] + strings.Repeat("A", 100), end.AddDate(0, 0, 10), credential.ErrExpiredToken},
		{"padded", s, c.AccessKeyID, token + "=", issued, credential.ErrInvalidToken},
		{"one of AWS's", s, c.AccessKeyID, "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==", issued, credential.ErrInvalidToken},
		{"huge", s, c.AccessKeyID, strings.Repeat("A", 1<<20), issued, credential.ErrInvalidToken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, secret, err := tt.sealer.Open(tt.key, tt.token, tt.now)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("Open = %v, want %v", err, tt.want)
			}
			if err != nil && (got != nil || secret != "") {
				t.Error("an error came with a caller")
			}
		})
	}
}

func TestFormerMasterKeysStillOpen(t *testing.T) {
	old, current := testKey(t, "01"), testKey(t, "02")
	c := roleSession()
	token, err := credential.NewSealer(credential.NewKeyring(old)).Seal(c, "s")
	if err != nil {
		t.Fatal(err)
	}
	rotated := credential.NewSealer(credential.NewKeyring(current, old))
	if _, _, err := rotated.Open(c.AccessKeyID, token, issued); err != nil {
		t.Errorf("after rotation: %v", err)
	}
	newer, err := rotated.Seal(c, "s")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := credential.NewSealer(credential.NewKeyring(current)).Open(c.AccessKeyID, newer, issued); err != nil {
		t.Errorf("the current key did not seal: %v", err)
	}
}

// The longest sessions of AWS run 36 hours: over any midnight they stay valid to the end.
func TestLongSessionsOutliveTheDaysKey(t *testing.T) {
	s := testSealer(t)
	for hour := range 24 {
		c := roleSession()
		c.Session.IssuedAt = issued.Truncate(24 * time.Hour).Add(time.Duration(hour) * time.Hour)
		c.Session.ExpiresAt = c.Session.IssuedAt.Add(36 * time.Hour)
		token, err := s.Seal(c, "s")
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Open(c.AccessKeyID, token, c.Session.ExpiresAt.Add(-time.Second)); err != nil {
			t.Errorf("issued at hour %d: %v", hour, err)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	s := testSealer(t)
	c := roleSession()
	c.Session.Policy = strings.Repeat("x", 33<<10)
	if _, err := s.Seal(c, "s"); !errors.Is(err, credential.ErrSessionTooLarge) {
		t.Errorf("huge session: %v", err)
	}
	c.Session = nil
	if _, err := s.Seal(c, "s"); err == nil {
		t.Error("a long-term caller got a session token")
	}
}

// The largest session that AWS's limits let through must fit.
func TestLargestSessionFits(t *testing.T) {
	c := roleSession()
	c.Session.Policy = strings.Repeat("p", 2048)
	c.Session.PolicyARNs, c.Session.Tags, c.Session.TransitiveTagKeys = nil, map[string]string{}, nil
	for i := range 10 {
		c.Session.PolicyARNs = append(c.Session.PolicyARNs, fmt.Sprintf("arn:aws:iam::111122223333:policy/%0150d", i))
	}
	for i := range 50 {
		key := fmt.Sprintf("%0128d", i)
		c.Session.Tags[key] = strings.Repeat("v", 256)
		c.Session.TransitiveTagKeys = append(c.Session.TransitiveTagKeys, key)
	}
	s := testSealer(t)
	token, err := s.Seal(c, "s")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(c.AccessKeyID, token, issued); err != nil {
		t.Error(err)
	}
}

func TestSealerIsSafeForConcurrentUse(t *testing.T) {
	s := testSealer(t)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for day := range 40 {
				c := roleSession()
				c.Session.IssuedAt = issued.AddDate(0, 0, day*(g+1))
				c.Session.ExpiresAt = c.Session.IssuedAt.Add(time.Hour)
				token, err := s.Seal(c, "s")
				if err != nil {
					t.Error(err)
					return
				}
				if _, _, err := s.Open(c.AccessKeyID, token, c.Session.IssuedAt); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzOpen(f *testing.F) {
	s, c := testSealer(f), roleSession()
	token, err := s.Seal(c, "the secret")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("")
	f.Fuzz(func(t *testing.T, guess string) {
		// Only what was sealed opens: a session of the same master key, as the seed is.
		if got, _, err := s.Open(c.AccessKeyID, guess, issued); err == nil && !reflect.DeepEqual(got, c) {
			t.Fatalf("%q opened: %+v", guess, got)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	s, c := testSealer(b), roleSession()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Seal(c, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	s, c := testSealer(b), roleSession()
	token, err := s.Seal(c, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Open(c.AccessKeyID, token, issued); err != nil {
			b.Fatal(err)
		}
	}
}

// What limits delegated access is in the token, whatever else is.
func TestSealDelegatedAccess(t *testing.T) {
	s, c := testSealer(t), roleSession()
	c.Session.DelegateAccountID, c.Session.DelegationPolicy = "444455556666", `{"Statement":[]}`
	for _, provider := range []string{"", "arn:aws:iam::111122223333:oidc-provider/example.com"} {
		c.Session.FederatedProvider = provider
		for _, size := range []int{0, 2000} {
			token, err := s.SealFilled(c, "the secret", size)
			if err != nil {
				t.Fatal(err)
			}
			if got, _, err := s.Open(c.AccessKeyID, token, issued); err != nil || !reflect.DeepEqual(got, c) {
				t.Errorf("%q, %d characters: %v\n%+v", provider, size, err, got)
			}
		}
	}
}
