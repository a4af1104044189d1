//go:build race

package e2e

// raceEnabled says that the race detector watches the tests: then it is to watch the server,
// too.
const raceEnabled = true
