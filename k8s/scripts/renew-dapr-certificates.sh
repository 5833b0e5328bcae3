#!/usr/bin/env bash
# Renews the certificates by which Dapr's sidecars trust each other.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Lets Dapr's sentry create a new authority and issuer, which are valid for a year, and restarts everything that trusts the old one.
Works with and without Argo CD. While the pods restart, sidecars with the old and with the new authority do not talk to each other:
for some minutes histories and receipts may be unavailable. Shoppers can buy, and no purchase is lost.

  renew-dapr-certificates.sh --yes [--context NAME] [--timeout 10m] [--dry-run]

  --yes            required, except for a dry run
  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --timeout TIME   the time limit for one step (10m)
  --dry-run        shows what would be done
  --help           shows this text
TEXT
}

timeout=10m
confirmed=false
while [[ $# -gt 0 ]]; do
  case $1 in
    --yes) confirmed=true; shift ;;
    --context) need_value "$1" $#; context=$2; shift 2 ;;
    --timeout) need_value "$1" $#; timeout=$2; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    --help | -h) usage; exit 0 ;;
    *) refuse "Unknown argument: $1" ;;
  esac
done
need_time "$timeout"
$confirmed || $dry_run || refuse 'Histories and receipts may be unavailable for some minutes. Confirm with --yes, or use --dry-run to see what it would do.'

# restart NAMESPACE DEPLOYMENT…: restarts them, and waits until they run with what is new.
restart() {
  local namespace=$1 deployment
  shift
  run kubectl rollout restart --namespace "$namespace" "${@/#/deployment/}"
  for deployment in "$@"; do
    run kubectl rollout status --namespace "$namespace" "deployment/$deployment" --timeout "$timeout"
  done
}

require_programs kubectl
find_cluster

begin_step 'remove the old authority' 'kubectl --namespace dapr-system get secret dapr-trust-bundle'
# The Secret itself belongs to Dapr's chart. Sentry fills an empty one when it starts.
run kubectl patch secret dapr-trust-bundle --namespace dapr-system --type merge --patch '{"data":null}'

begin_step 'create a new one' 'kubectl --namespace dapr-system logs deployment/dapr-sentry'
restart dapr-system dapr-sentry

begin_step "restart Dapr's control plane with it" 'kubectl --namespace dapr-system get pods,events'
# The injector writes the authority into new pods, so it is first.
restart dapr-system dapr-sidecar-injector dapr-operator

begin_step 'restart both services with it' 'kubectl --namespace purchase-system get pods,events'
restart purchase-system storefront purchase-service

current_step='' advice=''
if $dry_run; then say 'Nothing was changed.'; else say 'All sidecars trust the new authority. It is valid for a year.'; fi
