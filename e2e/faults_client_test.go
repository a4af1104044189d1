package e2e

import (
	"io"
	"net/http"
	"time"
)

// connection is what all SDK clients here send through.
var connection = patient{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}}}

// patient sends requests whose bodies stay open. The SDK closes a request's body as soon as
// the response begins; a server that is near enough answers before the transport has looked
// for the body's end, which then takes the connection for broken and cuts a response that is
// longer than one read.
type patient struct{ client *http.Client }

// Do implements aws.HTTPClient.
func (p patient) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body = io.NopCloser(r.Body)
	}
	return p.client.Do(r)
}
