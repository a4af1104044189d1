// Package minio measures the policy engine beside MinIO's policy package
// (github.com/minio/pkg/v3/policy) on the same documents and requests. It holds
// benchmarks and tests only and is no part of the product; its figures stand in
// docs/performance.md.
//
// MinIO's package knows the actions of S3 and identity-based policies; so the inputs are
// such. It is given all policies merged into one, which it does beforehand as well; the
// engine gets them as they are attached, and also names what decided.
//
// Run it in this folder: go test -bench .
package minio
