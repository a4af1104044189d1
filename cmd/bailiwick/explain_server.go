package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/smithy-go"

	"github.com/bailiwick/bailiwick/policy"
)

// explainedCall is what the event of a call tells besides its explanation.
type explainedCall struct {
	RequestID    string `json:"requestId"`
	Time         string `json:"time"`
	EventSource  string `json:"eventSource"`
	EventName    string `json:"eventName"`
	ErrorCode    string `json:"errorCode,omitempty"`
	ErrorMessage string `json:"errorMessage,omitempty"`
	SourceIP     string `json:"sourceIp,omitempty"`
	UserAgent    string `json:"userAgent,omitempty"`
}

func (c *explainedCall) writeText(b *strings.Builder) {
	fmt.Fprintf(b, "%s %s at %s\n", strings.TrimSuffix(c.EventSource, ".amazonaws.com"), c.EventName, c.Time)
	if c.SourceIP != "" {
		client, _, _ := strings.Cut(c.UserAgent, " ") // SDKs append a line of details
		fmt.Fprintf(b, "  from %s with %s\n", plain(c.SourceIP), plain(client))
	}
	if c.ErrorCode != "" {
		fmt.Fprintf(b, "  answered %s: %s\n", plain(c.ErrorCode), plain(c.ErrorMessage))
	}
	b.WriteString("\n")
}

// lookUp asks a running server for the event of a call. The event's id is the request id,
// and its additionalEventData holds the explanation of a refusal.
func (c *explainCmd) lookUp(ctx context.Context) (*explained, error) {
	if c.Endpoint == "" {
		return nil, errors.New("which server? Give --endpoint or AWS_ENDPOINT_URL")
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion("us-east-1"), config.WithBaseEndpoint(c.Endpoint))
	if err != nil {
		return nil, err
	}
	out, err := cloudtrail.NewFromConfig(cfg).LookupEvents(ctx, &cloudtrail.LookupEventsInput{
		LookupAttributes: []cloudtrailtypes.LookupAttribute{{
			AttributeKey: cloudtrailtypes.LookupAttributeKeyEventId, AttributeValue: aws.String(c.RequestID),
		}},
	})
	var answer smithy.APIError
	switch {
	case errors.As(err, &answer):
		return nil, fmt.Errorf("the call cannot be looked up: %s: %s", answer.ErrorCode(), answer.ErrorMessage())
	case err != nil:
		return nil, fmt.Errorf("ask the server at %s: %w", c.Endpoint, err)
	}
	if len(out.Events) == 0 {
		return nil, fmt.Errorf("there is no call with the request id %s in the event history of the account whose credentials these are; "+
			"a call is found by those who may do cloudtrail:LookupEvents in the account that made it", c.RequestID)
	}
	return readEvent(c.RequestID, aws.ToString(out.Events[0].CloudTrailEvent))
}

// readEvent takes the explanation out of a CloudTrail record.
func readEvent(requestID, record string) (*explained, error) {
	var event struct {
		EventTime           string `json:"eventTime"`
		EventSource         string `json:"eventSource"`
		EventName           string `json:"eventName"`
		ErrorCode           string `json:"errorCode"`
		ErrorMessage        string `json:"errorMessage"`
		SourceIPAddress     string `json:"sourceIPAddress"`
		UserAgent           string `json:"userAgent"`
		AdditionalEventData struct {
			Authorization *policy.Explanation `json:"authorization"`
		} `json:"additionalEventData"`
	}
	if err := json.Unmarshal([]byte(record), &event); err != nil {
		return nil, fmt.Errorf("the event of the call is not understood: %w", err)
	}
	answer := &explained{
		Call: &explainedCall{
			RequestID: requestID, Time: event.EventTime, EventSource: event.EventSource, EventName: event.EventName,
			ErrorCode: event.ErrorCode, ErrorMessage: event.ErrorMessage, SourceIP: event.SourceIPAddress, UserAgent: event.UserAgent,
		},
		Explanation: event.AdditionalEventData.Authorization,
	}
	switch {
	case answer.Explanation != nil:
	case event.ErrorCode != "":
		answer.Notes = []string{"policies did not refuse this call: it failed for the reason above"}
	default:
		answer.Notes = []string{"the call was allowed, and it succeeded; explanations are kept of refusals"}
	}
	return answer, nil
}
