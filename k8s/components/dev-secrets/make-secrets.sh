#!/usr/bin/env bash
# Makes the secrets that this component needs, beside it; what is there stays. Remove a file to get a new one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
umask 077

token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

for name in dapr-api-token app-api-token operator-token; do
  [ -s "$name" ] || token >"$name"
done
[ -s secrets.json ] || printf '{ "session": "%s" }\n' "$(token)" >secrets.json
echo "Secrets are in $PWD."
