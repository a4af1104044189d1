#!/usr/bin/env bash
# Installs what the tests and generators need and the machine lacks, from Debian's packages:
# postgresql (a server binary), aws (the AWS CLI), node (Node.js with npm).
set -euo pipefail

have() {
  case "$1" in
    postgresql) command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 ;;
    aws) command -v aws >/dev/null ;;
    node) command -v node >/dev/null && command -v npm >/dev/null ;;
  esac
}

package() {
  case "$1" in
    postgresql) echo postgresql ;;
    aws) echo awscli ;;
    node) echo nodejs npm ;;
  esac
}

missing=()
for need in "$@"; do
  have "$need" || missing+=($(package "$need"))
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; install them with this system's package manager" >&2
  exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# The server package would start a cluster of its own; the tests run a private one.
if [ -d /etc ] && [[ " ${missing[*]} " == *" postgresql "* ]]; then
  $sudo mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
