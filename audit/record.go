package audit

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bailiwick/bailiwick/credential"
)

// eventVersion is the version of the record format that the log writes; see the CloudTrail
// user guide, "CloudTrail record contents".
const eventVersion = "1.11"

// timeLayout is the form of all times in a record: UTC, whole seconds.
const timeLayout = "2006-01-02T15:04:05Z"

// record is a CloudTrail record. The tags say how encoding/json writes it; append, which
// writes it here, does the same.
type record struct {
	EventVersion        string          `json:"eventVersion"`
	UserIdentity        *userIdentity   `json:"userIdentity"`
	EventTime           string          `json:"eventTime"`
	EventSource         string          `json:"eventSource"`
	EventName           string          `json:"eventName"`
	AWSRegion           string          `json:"awsRegion"`
	SourceIPAddress     string          `json:"sourceIPAddress"`
	UserAgent           string          `json:"userAgent"`
	ErrorCode           string          `json:"errorCode,omitempty"`
	ErrorMessage        string          `json:"errorMessage,omitempty"`
	RequestParameters   json.RawMessage `json:"requestParameters"`
	ResponseElements    json.RawMessage `json:"responseElements"`
	AdditionalEventData json.RawMessage `json:"additionalEventData,omitempty"`
	ServiceEventDetails json.RawMessage `json:"serviceEventDetails,omitempty"`
	RequestID           string          `json:"requestID,omitempty"`
	EventID             string          `json:"eventID"`
	ReadOnly            bool            `json:"readOnly"`
	Resources           []recordRes     `json:"resources,omitempty"`
	EventType           string          `json:"eventType"`
	APIVersion          string          `json:"apiVersion,omitempty"`
	ManagementEvent     bool            `json:"managementEvent"`
	RecipientAccountID  string          `json:"recipientAccountId"`
	SharedEventID       string          `json:"sharedEventID,omitempty"`
	EventCategory       string          `json:"eventCategory"`

	// middle is what the records have in common that one call leaves with several accounts, and
	// most of each: it is written once.
	middle []byte
}

type recordRes struct {
	ARN       string `json:"ARN,omitempty"`
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type,omitempty"`
}

type userIdentity struct {
	Type           string          `json:"type,omitempty"`
	PrincipalID    string          `json:"principalId,omitempty"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"`
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"`
	InvokedBy      string          `json:"invokedBy,omitempty"`
	SessionContext *sessionContext `json:"sessionContext,omitempty"`
	// InvokedByDelegate names the product provider that acted with delegated access.
	InvokedByDelegate *delegate `json:"invokedByDelegate,omitempty"`
}

type delegate struct {
	AccountID string `json:"accountId"`
}

type sessionContext struct {
	SessionIssuer  *sessionIssuer `json:"sessionIssuer,omitempty"`
	Attributes     sessionAttrs   `json:"attributes"`
	SourceIdentity string         `json:"sourceIdentity,omitempty"`
	AssumedRoot    string         `json:"assumedRoot,omitempty"`
}

type sessionIssuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName,omitempty"`
}

type sessionAttrs struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

// identityOf renders a caller as the record's userIdentity; see the CloudTrail user
// guide, "CloudTrail userIdentity element".
func identityOf(c *credential.Caller) *userIdentity {
	if c.Type == credential.Anonymous {
		return &userIdentity{Type: "AWSAccount", PrincipalID: "", AccountID: "anonymous"}
	}
	id := &userIdentity{
		Type: c.Type.String(), PrincipalID: c.PrincipalID, ARN: c.ARN,
		AccountID: c.AccountID, AccessKeyID: c.AccessKeyID,
	}
	if c.Type == credential.User {
		id.UserName = c.EntityName
	}
	if c.Session == nil {
		return id
	}
	mfa := "false"
	if c.Session.MFA {
		mfa = "true"
	}
	id.SessionContext = &sessionContext{
		Attributes:     sessionAttrs{CreationDate: c.Session.IssuedAt.UTC().Format(timeLayout), MFAAuthenticated: mfa},
		SourceIdentity: c.Session.SourceIdentity,
		AssumedRoot:    c.Session.AssumedRoot,
	}
	if by := c.Session.DelegateAccountID; by != "" {
		id.InvokedByDelegate = &delegate{AccountID: by}
	}
	if issuer := issuerType(c); issuer != "" {
		id.SessionContext.SessionIssuer = &sessionIssuer{
			Type: issuer, PrincipalID: c.EntityID, ARN: c.EntityARN, AccountID: c.AccountID, UserName: c.EntityName,
		}
	}
	return id
}

// foreignIdentity is a caller as other accounts learn of it: its account and its principal
// id. See the IAM user guide, "Logging IAM and AWS STS API calls with AWS CloudTrail", the
// example of cross-account events.
func foreignIdentity(c *credential.Caller) *userIdentity {
	return &userIdentity{Type: "AWSAccount", PrincipalID: c.PrincipalID, AccountID: c.AccountID}
}

func issuerType(c *credential.Caller) string {
	switch {
	case c.Type == credential.AssumedRole:
		return "Role"
	case c.Type == credential.FederatedUser && strings.HasSuffix(c.EntityARN, ":root"):
		return "Root"
	case c.Type == credential.FederatedUser:
		return "IAMUser"
	default:
		return ""
	}
}

// username is what LookupEvents filters by as Username.
func username(c *credential.Caller) string {
	switch c.Type {
	case credential.RootUser:
		return "root"
	case credential.User:
		return c.EntityName
	default:
		return c.SessionName()
	}
}

func (r *Recording) events(code, message string, response json.RawMessage) []Event {
	c := &r.Call
	base := record{
		EventVersion: eventVersion, UserIdentity: identityOf(c.Caller),
		EventTime: c.Time.UTC().Format(timeLayout), EventSource: c.Source, EventName: c.Name,
		AWSRegion: c.Region, SourceIPAddress: c.SourceIP, UserAgent: cutText(c.UserAgent),
		ErrorCode: code, ErrorMessage: cutText(message),
		RequestParameters:   orNull(bounded(c.Parameters, maxBody, "requestParameters")),
		ResponseElements:    orNull(bounded(response, maxBody, "responseElements")),
		AdditionalEventData: bounded(r.Decision, maxDecision, "additionalEventData"),
		RequestID:           c.RequestID, ReadOnly: c.ReadOnly, EventType: "AwsApiCall",
		APIVersion: c.APIVersion, ManagementEvent: true, EventCategory: "Management",
	}
	for _, res := range r.resources {
		base.Resources = append(base.Resources, recordRes{ARN: res.ARN, AccountID: res.AccountID, Type: res.Type})
	}
	recipients := make([]string, 0, 2)
	if c.Caller.AccountID != "" {
		recipients = append(recipients, c.Caller.AccountID)
	}
	recipients = append(recipients, r.recipients...)
	// A refused call stays with the caller's account: the other one was not reached.
	if code != "" && len(recipients) > 1 {
		recipients = recipients[:1]
	}
	if len(recipients) > 1 {
		base.SharedEventID = c.EventID
	}
	events := make([]Event, 0, len(recipients))
	for i, account := range recipients {
		rec := base
		rec.EventID, rec.RecipientAccountID = c.EventID, account
		if i > 0 {
			rec.EventID = derivedID(c.EventID, account)
		}
		foreign := c.Caller.AccountID != "" && account != c.Caller.AccountID
		if foreign {
			rec.UserIdentity = foreignIdentity(c.Caller)
		}
		event := rec.event(c, r.resources)
		base.middle = rec.middle
		if foreign {
			event.Username, event.AccessKeyID = "", ""
		}
		events = append(events, event)
	}
	return events
}

// recordSize is what most records take without the parts that are JSON already.
const recordSize = 1 << 10

func (rec *record) event(c *Call, resources []Resource) Event {
	body := rec.append(make([]byte, 0, rec.size()))
	return Event{
		ID: rec.EventID, RequestID: c.RequestID, AccountID: rec.RecipientAccountID, Time: c.Time,
		Source: c.Source, Name: c.Name, Username: username(c.Caller), AccessKeyID: c.Caller.AccessKeyID,
		ReadOnly: c.ReadOnly, ErrorCode: rec.ErrorCode, Resources: resources, Record: body,
	}
}

// ServiceEvent returns an event that the service itself caused, such as the result of an
// account's creation (eventType AwsServiceEvent); see the Organizations user guide,
// "Logging AWS Organizations API calls with AWS CloudTrail".
func ServiceEvent(id, accountID, source, name string, at time.Time, details json.RawMessage) Event {
	return serviceEvent(id, source, &Call{Time: at, Source: source, Name: name, Caller: &credential.Caller{}},
		&userIdentity{Type: "AWSService", AccountID: accountID, InvokedBy: source}, details)
}

// internal is how AWS calls itself where it does something on its own account.
const internal = "AWS Internal"

// Finding returns an event about something that the service has found out and not done, such
// as an effective policy that is invalid: it only reads, and its origin is AWS itself; see
// the Organizations user guide, "Logging AWS Organizations API calls with AWS CloudTrail".
func Finding(id, accountID, source, name string, at time.Time, details json.RawMessage) Event {
	return serviceEvent(id, internal, &Call{Time: at, Source: source, Name: name, ReadOnly: true, Caller: &credential.Caller{}},
		&userIdentity{AccountID: accountID, InvokedBy: internal}, details)
}

func serviceEvent(id, origin string, c *Call, by *userIdentity, details json.RawMessage) Event {
	rec := record{
		EventVersion: eventVersion, UserIdentity: by,
		EventTime: c.Time.UTC().Format(timeLayout), EventSource: c.Source, EventName: c.Name,
		AWSRegion: "us-east-1", SourceIPAddress: origin, UserAgent: origin,
		RequestParameters: orNull(nil), ResponseElements: orNull(nil), ServiceEventDetails: details,
		EventID: id, ReadOnly: c.ReadOnly, EventType: "AwsServiceEvent", ManagementEvent: true,
		RecipientAccountID: by.AccountID, EventCategory: "Management",
	}
	return rec.event(c, nil)
}

// The most bytes of the parts of a record; see the CloudTrail user guide, "CloudTrail record
// contents". An explanation may be longer than AWS's additional data: there is no other
// place to read it.
const (
	maxText     = 1 << 10
	maxBody     = 100 << 10
	maxDecision = 256 << 10
)

// cutText cuts a text to what a record has room for.
func cutText(s string) string {
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for end > maxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// bounded leaves out what a record has no room for, and says so: half a JSON text is none.
func bounded(m json.RawMessage, limit int, name string) json.RawMessage {
	if len(m) <= limit {
		return m
	}
	return json.RawMessage(`{"omitted":true,"originalSize":` + strconv.Itoa(len(m)) + `,"reason":"` + name + ` too large"}`)
}

func orNull(m json.RawMessage) json.RawMessage {
	if len(m) == 0 {
		return json.RawMessage("null")
	}
	return m
}
