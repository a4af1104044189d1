package organizations

import (
	"encoding/base64"
	"strings"

	organizationsapi "github.com/bailiwick/bailiwick/api/organizations"
	"github.com/bailiwick/bailiwick/org"
	"github.com/bailiwick/bailiwick/smithy"
)

// pageSize is the most items of a page, and how many there are when the caller does not
// say (API reference, MaxResults).
const pageSize = 20

// page reads NextToken and MaxResults of a list. The token names what it continues, so that
// one of another list is refused. It fails with INVALID_NEXT_TOKEN.
func page(list string, token *string, maxResults *int32) (org.Page, error) {
	p := org.Page{Limit: pageSize}
	if n := smithy.Value(maxResults); n > 0 && n < pageSize {
		p.Limit = int(n)
	}
	if token == nil {
		return p, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*token)
	from, after, found := strings.Cut(string(text), "\x00")
	if err != nil || !found || from != list || after == "" {
		return org.Page{}, invalidInput(organizationsapi.InvalidInputExceptionReasonInvalidNextToken,
			"You provided an invalid value for the NextToken parameter.")
	}
	p.After = after
	return p, nil
}

// nextToken is the token that page reads; nil at the end of the list.
func nextToken(list, cursor string) *string {
	if cursor == "" {
		return nil
	}
	return smithy.Ptr(base64.RawURLEncoding.EncodeToString([]byte(list + "\x00" + cursor)))
}
