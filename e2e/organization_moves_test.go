package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/bailiwick/bailiwick/store/pgtest"
)

// TestOrganizationMoves takes one organization out of a server that runs and adds it to one
// that has accounts of its own, on the other store.
func TestOrganizationMoves(t *testing.T) {
	t.Parallel()
	source := start(t, "", "--master-key", sharedKey[:64])
	w := organize(t, source)
	unit := w.unit(t, w.rootID, "Moved")
	w.scp(t, "Guard", deny("iam:ListUsers", "*"), unit)
	guarded, free := w.account(t, unit, "Guarded", ""), w.account(t, w.rootID, "Free", "")
	worker := w.inside(t, free).newUser(t, "worker", allow("iam:ListUsers", "*"))

	archive := filepath.Join(t.TempDir(), "one.archive")
	if out, err := source.place().do("export", "--organization", "o-none000000", archive); err == nil || !strings.Contains(out, "no such organization") {
		t.Errorf("export of what is not there: %v, %s", err, out)
	}
	source.place().mustDo(t, "export", "--organization", w.orgID, archive)

	const otherKey, otherSecret = "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
	target := start(t, pgtest.Database(t), "--master-key", sharedKey[:64], "--account-id", "999988887777",
		"--root-email", "other@example.com", "--root-access-key-id", otherKey, "--root-secret-access-key", otherSecret)
	may(t, "the target's own root user", target.with(otherKey, otherSecret, "").listUsers())
	may(t, "before the move", worker.listUsers())
	if err := worker.at(target).listUsers(); err == nil {
		t.Error("a key is known before it has come")
	}
	if out, err := target.place().do("import", archive, "--master-key", strings.Repeat("ab", 32)); err == nil || !strings.Contains(out, "master key") {
		t.Errorf("import with another master key: %v, %s", err, out)
	}
	// The target goes on while the organization comes to it.
	out := target.place().mustDo(t, "import", archive, "--master-key", sharedKey[:64])
	if !strings.Contains(out, w.orgID) {
		t.Errorf("import says %s", out)
	}
	for worker.at(target).listUsers() != nil {
		if code(worker.at(target).listUsers()) == "AccessDenied" {
			t.Fatal("the user has come without its policy")
		}
	}
	may(t, "the target's own root user", target.with(otherKey, otherSecret, "").listUsers())
	inGuarded := w.admin.at(target).mustAssume(t, roleARN(guarded, adminRole))
	if got := code(inGuarded.listUsers()); got != "AccessDenied" {
		t.Errorf("the guardrail has not come along: %q", got)
	}
	if out, err := target.place().do("import", archive, "--master-key", sharedKey[:64]); err == nil || !strings.Contains(out, "there already") || !strings.Contains(out, "nothing was imported") {
		t.Errorf("a second import: %v, %s", err, out)
	}
}
