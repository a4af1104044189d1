// Package awsquery reads and writes the messages of the AWS query protocol, which IAM, STS
// and CloudFormation speak: a form for the input ("Tags.member.1.Key=…"), XML for the
// output and for errors.
//
// [ParseForm] splits a form, [Action] finds the operation in it, and [Decode] fills the
// input; [AppendResponse] and [AppendError] write the answers. [Decode] and
// [AppendResponse] are visitors over package smithy, without reflection and without a
// tree of the document. The rules follow the Smithy specification's topic "AWS query
// protocol", and the answers look as those in the IAM and STS API references do.
//
// Neighbours: package wire reads the HTTP message, checks the API version and maps
// [*smithy.SerializationError] to the service's MalformedInput.
package awsquery
