#!/usr/bin/env bash
# Hands the cluster over to Argo CD.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Applies the projects and the root Application, which creates all others. Then it waits until each is Synced and Healthy, in the
order of their waves. Running it again changes nothing and waits again.

  apply-applications.sh [--no-wait] [--context NAME] [--timeout 30m] [--dry-run]

  --no-wait        does not wait for the Applications
  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --timeout TIME   the time limit for all of them together (30m)
  --dry-run        shows what would be done; if a cluster answers, its API server validates it
  --help           shows this text
TEXT
}

timeout=30m
wait=true
while [[ $# -gt 0 ]]; do
  case $1 in
    --no-wait) wait=false; shift ;;
    --context) need_value "$1" $#; context=$2; shift 2 ;;
    --timeout) need_value "$1" $#; timeout=$2; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    --help | -h) usage; exit 0 ;;
    *) refuse "Unknown argument: $1" ;;
  esac
done
need_time "$timeout"
case $timeout in
  *s) seconds=${timeout%s} ;;
  *m) seconds=$((${timeout%m} * 60)) ;;
  *h) seconds=$((${timeout%h} * 3600)) ;;
esac

applications=$(cd "$folder/../argocd" && pwd)
require_programs kubectl
find_cluster

begin_step 'check for Argo CD' 'Install it: install-infrastructure.sh --only namespaces,argocd'
if ! exists crd applications.argoproj.io; then
  if $dry_run; then
    say '    not found: install it first'
  else
    fail 'Argo CD is not installed in this cluster' "$advice"
  fi
fi

for file in projects root; do
  begin_step "$file" "Read the API server's message above about k8s/argocd/$file.yaml."
  show kubectl apply --server-side --filename "$applications/$file.yaml"
  if ! $dry_run; then
    kube apply --server-side --field-manager=apply-applications --force-conflicts --filename "$applications/$file.yaml"
  elif $reachable; then
    try_on_server kube apply --server-side --dry-run=server --filename "$applications/$file.yaml"
  fi
done

# Wave and name of every Application, sorted by wave. The root is last, because it is healthy when all others are.
applications_in_order() {
  awk '
    FNR == 1 { wave = "" }
    /argocd.argoproj.io\/sync-wave:/ { wave = $2; gsub(/[\047"]/, "", wave) }
    /^  name:/ { name[FILENAME] = $2 }
    wave != "" { waves[FILENAME] = wave }
    END { for (file in name) print waves[file] "\t" name[file] }
  ' "$applications"/apps/*.yaml | sort -n -k1,1 -k2,2
  printf 'last\troot\n'
}

time_left() {
  local left=$((seconds - SECONDS))
  if [[ $left -gt 1 ]]; then say "${left}s"; else say 1s; fi
}

show_states() {
  say '    Applications now:'
  kube get applications.argoproj.io --namespace argocd --output \
    'custom-columns=NAME:.metadata.name,SYNC:.status.sync.status,HEALTH:.status.health.status,MESSAGE:.status.operationState.message,CONDITIONS:.status.conditions[*].message' || true
}

# wait_for_application NAME
wait_for_application() {
  local condition
  for condition in create 'jsonpath={.status.sync.status}=Synced' 'jsonpath={.status.health.status}=Healthy'; do
    kube wait --namespace argocd "applications.argoproj.io/$1" --for "$condition" --timeout "$(time_left)" || return 1
  done
}

if $wait && ! $dry_run; then
  while IFS=$'\t' read -r -u 3 wave name; do
    begin_step "$name is Synced and Healthy (wave $wave)" ''
    if ! wait_for_application "$name"; then
      show_states
      fail "$name is not Synced and Healthy after $timeout" \
        "Check it: kubectl --namespace argocd describe applications.argoproj.io $name. Later waves wait for it. Run this again to continue waiting."
    fi
  done 3< <(applications_in_order)
fi

current_step='' advice=''
if $dry_run; then
  say 'Nothing was changed.'
elif $wait; then
  say 'Every Application is Synced and Healthy. Run doctor.sh for details.'
else
  say 'Argo CD has the Applications. This script did not wait for them.'
fi
