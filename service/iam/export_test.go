package iam

// WireError is for tests of the names of errors.
var WireError = wireError
