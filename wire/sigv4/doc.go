// Package sigv4 verifies AWS Signature Version 4, in the Authorization header and in the
// query (presigned URLs): [Parse] reads the signature off a request, [Signature.Check] judges
// what can be judged without a key, and [Checked.Verify] proves that whoever holds the secret
// access key signed exactly this request for this service at this time. Nothing in a request
// is believed before that.
//
// It knows no keys and no callers: wire looks the access key up (package credential opens
// the session token and the vault) and hands the secret to Verify. What goes wrong is an
// [*Error] whose [Kind] has a code and a status for each family of protocols.
//
// The rules follow the IAM user guide, topics "AWS Signature Version 4 for API requests",
// "Create a signed AWS API request" and "Troubleshoot Signature Version 4 signing for AWS
// API requests". Three of them are stricter than some AWS services are, all in the
// direction of refusing: every x-amz-* header that is present must be signed, a query that
// two parsers could read differently (a bare semicolon, a broken percent escape) never
// verifies, and a parameter of the signature that is given twice is malformed.
package sigv4
