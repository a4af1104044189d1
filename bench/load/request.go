package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bailiwick/bailiwick/demo"
)

// region is what requests are signed for: the services are global.
const region = "us-east-1"

// answerTime bounds the wait for one answer.
const answerTime = 30 * time.Second

func readInventory(path string) (*demo.Large, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	large := &demo.Large{}
	if err := json.Unmarshal(text, large); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(large.Accounts) == 0 || len(large.Machines) == 0 || len(large.Units) == 0 {
		return nil, fmt.Errorf("%s is not what bailiwick demo --accounts writes", path)
	}
	return large, nil
}

// request is one call of an API.
type request struct {
	operation string
	who       aws.Credentials
	// service is the signing name.
	service, contentType, target string
	body                         string
}

// query is a call of IAM or STS; the parameters are pairs of name and value.
func query(service, operation string, who aws.Credentials, parameters ...string) request {
	version := "2010-05-08"
	if service == "sts" {
		version = "2011-06-15"
	}
	form := url.Values{"Action": {operation}, "Version": {version}}
	for i := 0; i+1 < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	return request{operation: operation, who: who, service: service, contentType: "application/x-www-form-urlencoded; charset=utf-8", body: form.Encode()}
}

// organizations is a call of AWS Organizations.
func organizations(operation string, who aws.Credentials, input map[string]any) (request, error) {
	body, err := json.Marshal(input)
	return request{
		operation: operation, who: who, service: "organizations", contentType: "application/x-amz-json-1.1",
		target: "AWSOrganizationsV20161128." + operation, body: string(body),
	}, err
}

// apiError is an answer that is not 200.
type apiError struct{ code string }

func (e *apiError) Error() string { return e.code }

// signer makes and sends requests. It is safe for concurrent use.
type signer struct {
	endpoint string
	client   *http.Client
	v4       *v4.Signer
}

func newSigner(endpoint string, clients int) *signer {
	transport := &http.Transport{MaxIdleConns: clients, MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients, DisableCompression: true}
	return &signer{
		endpoint: strings.TrimSuffix(endpoint, "/") + "/", v4: v4.NewSigner(),
		client: &http.Client{Transport: transport, Timeout: answerTime},
	}
}

// send signs and sends a request and returns the body of its answer.
func (s *signer) send(r request) ([]byte, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, s.endpoint, strings.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", r.contentType)
	if r.target != "" {
		req.Header.Set("X-Amz-Target", r.target)
	}
	sum := sha256.Sum256([]byte(r.body))
	if err := s.v4.SignHTTP(req.Context(), r.who, req, hex.EncodeToString(sum[:]), r.service, region, time.Now()); err != nil {
		return nil, err
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, &apiError{"connection: " + cause(err)}
	}
	body, err := io.ReadAll(res.Body)
	err = errors.Join(err, res.Body.Close())
	if err != nil {
		return nil, &apiError{"connection: " + cause(err)}
	}
	if res.StatusCode != http.StatusOK {
		return nil, &apiError{fmt.Sprintf("%d %s", res.StatusCode, code(body))}
	}
	return body, nil
}

// cause is the innermost error: the outer ones name addresses, which differ.
func cause(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return err.Error()
}

// code finds the error code in an answer of either protocol.
func code(body []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		var answer struct {
			Type string `json:"__type"`
		}
		if json.Unmarshal(body, &answer) == nil {
			return answer.Type[strings.LastIndexByte(answer.Type, '#')+1:]
		}
	}
	var answer struct {
		Error struct {
			Code string `xml:"Code"`
		} `xml:"Error"`
	}
	if xml.Unmarshal(body, &answer) == nil && answer.Error.Code != "" {
		return answer.Error.Code
	}
	return "without a code"
}
