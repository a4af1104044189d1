// A module of its own, so that the main one does not depend on the package it is measured
// beside.
module github.com/bailiwick/bailiwick/bench/minio

go 1.26.0

require (
	github.com/bailiwick/bailiwick v0.0.0
	github.com/minio/pkg/v3 v3.1.3
)

require (
	github.com/goccy/go-json v0.10.5 // indirect
	github.com/minio/minio-go/v7 v7.0.88 // indirect
)

replace github.com/bailiwick/bailiwick => ../..
