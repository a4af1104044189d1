// Package eventjson writes the inputs and outputs of operations the way CloudTrail records
// them in requestParameters and responseElements: JSON objects whose member names begin in
// lower case ("sAMLAssertion" for SAMLAssertion: only the first letter changes), whatever
// protocol the call came in.
//
// Timestamps are texts such as "Nov 21, 2026, 11:47:42 PM", in UTC: the records of IAM,
// STS and Organizations in the user guides' topics on logging with CloudTrail show this
// form (older ones without the comma after the year). Values of sensitive members are
// replaced by [Hidden], so that nothing secret comes into the event log.
//
// Neighbours: package audit stores the result and knows nothing of shapes; package wire
// calls [Append] for every call.
package eventjson
