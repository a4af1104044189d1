// Package smithy holds what every AWS API shape has in common: the schema that
// describes it (members, constraints, protocol bindings) and the two visitor
// interfaces, [Encoder] and [Decoder], that the generated code in api/ walks.
//
// A shape knows nothing of JSON, XML or forms; a protocol in wire/ knows nothing
// of a particular shape. They meet here. Validation ([Validate]) is one more
// visitor. Nothing in this package uses reflection.
//
// Neighbours: api/<service> (generated shapes), wire/awsjson, wire/awsquery and
// wire/restjson (visitors). The names follow the Smithy specification
// (https://smithy.io/2.0/spec/).
package smithy
