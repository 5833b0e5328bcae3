#!/usr/bin/env bash
# Creates the secrets of this component in its folder and keeps existing ones. Remove a file to get a new secret.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for name in dapr-api-token app-api-token operator-token; do
  [ -s "$name" ] || token >"$name"
done
[ -s secrets.json ] || printf '{ "session": "%s" }\n' "$(token)" >secrets.json
echo "The secrets are in $PWD."
