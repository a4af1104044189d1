package e2e

import (
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"testing"
)

// cliVersion is the version of the installed aws CLI: major and minor.
var cliVersion = sync.OnceValues(func() (major, minor int) {
	text, err := exec.Command("aws", "--version").CombinedOutput()
	found := regexp.MustCompile(`aws-cli/(\d+)\.(\d+)`).FindSubmatch(text)
	if err != nil || found == nil {
		return 0, 0
	}
	major, _ = strconv.Atoi(string(found[1]))
	minor, _ = strconv.Atoi(string(found[2]))
	return major, minor
})

// cliFindsEndpoint reports whether the CLI takes the endpoint from AWS_ENDPOINT_URL, for the
// calls that it makes for a profile's role too: since 2.13 and 1.29. Debian 12 has 2.9, which
// needs --endpoint-url and always asks AWS itself for a role.
func cliFindsEndpoint() bool {
	major, minor := cliVersion()
	return major > 2 || major == 2 && minor >= 13 || major == 1 && minor >= 29
}

// needsEndpointVariable leaves a scene out that no older CLI can play.
func needsEndpointVariable(t *testing.T) {
	t.Helper()
	if !cliFindsEndpoint() {
		major, minor := cliVersion()
		t.Skipf("LEFT OUT: aws CLI %d.%d does not know AWS_ENDPOINT_URL (2.13 and 1.29 do); the scenes by the SDK cover the same", major, minor)
	}
}
