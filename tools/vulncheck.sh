#!/usr/bin/env bash
# What is known against our dependencies: vulnerabilities that our code reaches, versions that
# were retracted, modules that are deprecated. A source that cannot be reached is said loudly
# and is no failure; what a source reports is one.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0

missed() { echo "vulncheck: NOT CHECKED: $1" >&2; }

# govulncheck at the version that tools/go.mod pins, if it is there.
if go -C tools build -o ../bin/ golang.org/x/vuln/cmd/govulncheck 2>bin/vulncheck.log; then
  timeout 300 bin/govulncheck ./... >bin/vulncheck.txt 2>&1
  case $? in
    0) echo "vulncheck: no known vulnerability is reached" ;;
    3) cat bin/vulncheck.txt; failed=1 ;;
    *) missed "known vulnerabilities: $(tail -1 bin/vulncheck.txt)" ;;
  esac
else
  missed "known vulnerabilities: govulncheck cannot be built: $(tail -1 bin/vulncheck.log)"
fi

for module in . tools; do
  if found=$(timeout 300 go -C "$module" list -m -u -retracted \
      -f '{{if .Retracted}}{{.Path}} {{.Version}} is retracted: {{.Retracted}}{{end}}{{if .Deprecated}}{{.Path}} is deprecated: {{.Deprecated}}{{end}}' all 2>bin/vulncheck.log); then
    found=$(grep -v '^$' <<<"$found" || true)
    if [ -n "$found" ]; then
      echo "$found"
      # Deprecated modules are for people to judge; retracted versions are not to be used.
      if grep -q 'is retracted' <<<"$found"; then failed=1; fi
    else
      echo "vulncheck: nothing in module $module is retracted or deprecated"
    fi
  else
    missed "retracted versions in $module: $(tail -1 bin/vulncheck.log)"
  fi
done

# The models are read when code is generated; nothing of them is linked.
if [ -f tools/models/package-lock.json ] && command -v npm >/dev/null; then
  if (cd tools/models && timeout 60 npm audit --package-lock-only --audit-level=high) >bin/vulncheck.txt 2>&1; then
    echo "vulncheck: npm reports nothing"
  elif grep -q 'Severity:' bin/vulncheck.txt; then
    cat bin/vulncheck.txt; failed=1
  else
    missed "npm packages: $(tail -1 bin/vulncheck.txt)"
  fi
fi
exit $failed
