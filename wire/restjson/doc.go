// Package restjson reads and writes the messages of the REST JSON protocol, which Account,
// the access portal, Access Analyzer and others speak: the operation is found by method
// and path, and members of input and output travel in the path, the query, the headers or
// the JSON body, as the model binds them.
//
// A [Router] finds the operation; [Decode] fills its input; [Encode] and [EncodeError]
// write the answers. The rules follow the Smithy specification's topics "HTTP bindings"
// and "AWS restJson1 protocol".
//
// Neighbours: package awsjson reads and writes the bodies; package wire reads and sends
// the HTTP messages.
package restjson
