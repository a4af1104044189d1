package resourcegroupstaggingapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	tagapi "github.com/bailiwick/bailiwick/api/resourcegroupstaggingapi"
	"github.com/bailiwick/bailiwick/smithy"
)

// tokenLife is how long a pagination token is good (API reference,
// PaginationTokenExpiredException).
const tokenLife = 15 * time.Minute

// question is what a token continues: the operation, who asks and all parameters but those of
// paging. A token for another question is refused.
type question string

func questionOf(parts ...string) question {
	const enough = 12
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return question(hex.EncodeToString(sum[:enough]))
}

// token is where the question goes on; the empty text at the end, as AWS gives it.
func (q question) token(cursor string, now time.Time) *string {
	if cursor == "" {
		return smithy.Ptr("")
	}
	text := string(q) + "\x00" + strconv.FormatInt(now.Unix(), 36) + "\x00" + cursor
	return smithy.Ptr(base64.RawURLEncoding.EncodeToString([]byte(text)))
}

// cursor reads a token. It fails with InvalidParameterException or
// PaginationTokenExpiredException.
func (q question) cursor(token *string, now time.Time) (string, error) {
	if smithy.Value(token) == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*token)
	parts := strings.SplitN(string(text), "\x00", 3)
	if err != nil || len(parts) != 3 || question(parts[0]) != q {
		return "", errToken()
	}
	made, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return "", errToken()
	}
	if now.Sub(time.Unix(made, 0)) > tokenLife {
		return "", &tagapi.PaginationTokenExpiredException{Message: smithy.Ptr("The PaginationToken has expired: it is valid for 15 minutes.")}
	}
	return parts[2], nil
}

func errToken() error { return invalid("The PaginationToken is not valid for this request.") }

// window is a page of a list that is computed whole: from a number on, at most so many.
func window[T any](list []T, cursor string, limit int) (page []T, next string, err error) {
	from := 0
	if cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 {
			return nil, "", errToken()
		}
	}
	from = min(from, len(list))
	if to := from + limit; to < len(list) {
		return list[from:to], strconv.Itoa(to), nil
	}
	return list[from:], "", nil
}
