// Package awsjson reads and writes the bodies of the AWS JSON 1.0 and 1.1 protocols: a
// JSON object for the input, one for the output, and errors that name themselves in
// "__type".
//
// [Decode] and [Append] are visitors over package smithy; the text is scanned and written
// by hand, without reflection and without a tree in between. The rules follow the Smithy
// specification's topics "AWS JSON 1.1 protocol" and "awsJson1_1 operation error
// serialization"; messages of refused bodies follow what AWS's JSON services answer.
//
// Neighbours: package restjson, whose bodies are the same JSON, uses [Decode], [Append],
// [DecodeMember] and [AppendMember] too; members that a restJson1 model binds to the path,
// the query or a header are passed over here. Package eventjson writes with the same [Writer]
// in a [Style] of its own. Targets, headers and status codes belong to package wire.
package awsjson
