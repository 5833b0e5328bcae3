#!/usr/bin/env bash
# Hands the cluster over to Argo CD.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Applies the projects and the root Application, which creates all others. Then it waits until each has read the newest commit and is
Synced and Healthy, in the order of their waves. Running it again starts failed syncs again and waits again. It refuses to begin
while anything in k8s or components was not pushed, and while the installation differs from the branch that Argo CD follows.

  apply-applications.sh [--cluster NAME] [--no-wait] [--context NAME] [--timeout 30m] [--dry-run]

  --cluster NAME   staging (one of everything) or prod (three nodes, promoted commits only): k8s/argocd/clusters (prod)
  --no-wait        does not wait for the Applications
  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --timeout TIME   the time limit for all of them together (30m)
  --dry-run        shows what would be done; if a cluster answers, its API server validates it
  --help           shows this text
TEXT
}

timeout=30m
wait=true
cluster=prod
while [[ $# -gt 0 ]]; do
  case $1 in
    --cluster) need_value "$1" $#; cluster=$2; shift 2 ;;
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
case $cluster in
  prod) branch=$(installation_value PRODUCTION_BRANCH) ;;
  staging) branch=$(installation_value BRANCH) ;;
  *) refuse "There is no cluster $cluster: choose staging or prod." ;;
esac

require_programs kubectl git

find_cluster
# Only one node needs no zones.
if ! $dry_run && ! grep -Eq '^ *- .*/single-node$' "$applications/clusters/$cluster/apps/kustomization.yaml"; then need_zones; fi

begin_step 'check for Argo CD' 'Install it: install-infrastructure.sh --only namespaces,argocd'
if ! exists crd applications.argoproj.io; then
  if $dry_run; then
    say '    not found: install it first'
  else
    fail 'Argo CD is not installed in this cluster' "$advice"
  fi
fi

# Argo CD reads the repository, not these files. What was not pushed would not reach the cluster, except for the projects, which are
# applied from here.
refuse_to_hand_over() {
  if $dry_run; then say "    a real run stops here: $1"; else fail "$1" "$advice"; fi
}

# newest_commit BRANCH: of the repository.
newest_commit() {
  git -C "$checkout" fetch --quiet --no-tags "$repository" "refs/heads/$1" && git -C "$checkout" rev-parse FETCH_HEAD
}

begin_step 'check that everything was pushed' \
  'Fork the repository, set k8s/installation/installation.env, commit it and push it. Production gets it with npm run release -- promote.'
checkout=$(cd "$folder/../.." && pwd)
repository=$(installation_value REPOSITORY)
say "    $repository, branch $branch"
examples=$(grep -E '^[A-Z_]+=.*example\.com' "$folder/../installation/installation.env" | cut -d= -f1 || true)
[[ -z $examples ]] || refuse_to_hand_over "the installation still has example.com in ${examples//$'\n'/, }"
if ! changes=$(git -C "$checkout" status --porcelain -- k8s components); then
  refuse_to_hand_over "$checkout is not a checkout of git"
elif [[ -n $changes ]]; then
  refuse_to_hand_over "these changes are not committed: ${changes//$'\n'/, }"
elif ! followed=$(newest_commit "$branch"); then
  refuse_to_hand_over "cannot read the branch $branch of $repository"
elif ! main=$(newest_commit "$(installation_value BRANCH)"); then
  refuse_to_hand_over "cannot read the branch $(installation_value BRANCH) of $repository"
elif [[ $(git -C "$checkout" rev-list --count HEAD "^$main" "^$followed" -- k8s components) -gt 0 ]]; then
  refuse_to_hand_over "this checkout has commits about k8s or components that $repository lacks on the branch $(installation_value BRANCH)"
elif ! git -C "$checkout" diff --quiet "$followed" -- k8s/installation; then
  refuse_to_hand_over "k8s/installation differs from the branch $branch of $repository"
else
  say '    the same as here'
fi

begin_step 'projects and root' "Read the API server's message above about k8s/argocd/root."
show kubectl apply --server-side -k "$applications/clusters/$cluster"
if ! $dry_run; then
  kube apply --server-side --field-manager=apply-applications --force-conflicts -k "$applications/clusters/$cluster"
elif $reachable; then
  try_on_server kube apply --server-side --dry-run=server -k "$applications/clusters/$cluster"
fi

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

# A sync that failed for the last time is not tried again for the same commit, unless it is asked for.
restart_failed_syncs() {
  local name phase options
  while read -r name phase; do
    [[ $phase == Failed || $phase == Error ]] || continue
    say "    $name: its last sync ended with $phase; starting it again"
    # A requested sync does not take these from the Application.
    options=$(kube get applications.argoproj.io "$name" --namespace argocd --output 'jsonpath={.spec.syncPolicy.syncOptions}')
    kube patch applications.argoproj.io "$name" --namespace argocd --type merge --patch \
      '{"operation":{"initiatedBy":{"username":"apply-applications"},"sync":{"prune":true,"syncOptions":'"${options:-[]}"'},"retry":{"limit":-1,"refresh":true}}}'
  done < <(kube get applications.argoproj.io --namespace argocd --output \
    'jsonpath={range .items[*]}{.metadata.name} {.status.operationState.phase}{"\n"}{end}')
}

# wait_for NAME CONDITION
wait_for() { kube wait --namespace argocd "applications.argoproj.io/$1" --for "$2" --timeout "$(time_left)"; }

# refresh NAME: makes Argo CD compare the Application with the newest commit now, which it does every three minutes otherwise. Its state
# is that of an older commit until then. Argo CD removes the annotation when it is done, and kubectl cannot wait for that.
refresh() {
  local events watcher requested='' left
  kube annotate applications.argoproj.io "$1" --namespace argocd --overwrite argocd.argoproj.io/refresh=normal >/dev/null || return 1
  exec {events}< <(exec kubectl ${context:+--context "$context"} get applications.argoproj.io "$1" --namespace argocd --watch \
    --output 'jsonpath=[{.metadata.annotations.argocd\.argoproj\.io/refresh}]{"\n"}')
  watcher=$!
  while [[ $requested != '[]' ]]; do
    left=$(time_left)
    read -r -t "${left%s}" -u "$events" requested || break
  done
  kill "$watcher" 2>/dev/null || true
  exec {events}<&-
  [[ $requested == '[]' ]]
}

# wait_for_application NAME
wait_for_application() {
  wait_for "$1" create && refresh "$1" &&
    wait_for "$1" 'jsonpath={.status.sync.status}=Synced' && wait_for "$1" 'jsonpath={.status.health.status}=Healthy'
}

if ! $dry_run; then
  begin_step 'start failed syncs again' 'Start one yourself: argocd app sync NAME.'
  restart_failed_syncs
fi

if $wait && ! $dry_run; then
  begin_step 'Argo CD reads the newest commit' ''
  refresh root || fail 'Argo CD does not read the newest commit' \
    'Its controller does not run, or cannot read the repository: kubectl --namespace argocd get pods; kubectl --namespace argocd describe applications.argoproj.io root.'
  while IFS=$'\t' read -r -u 3 wave name; do
    begin_step "$name is Synced and Healthy (wave $wave)" ''
    if ! wait_for_application "$name"; then
      show_states
      fail "$name is not Synced and Healthy after $timeout" \
        "Check it: kubectl --namespace argocd describe applications.argoproj.io $name. Later waves wait for it. Repair the cause and run this again: it starts a failed sync again and continues waiting."
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
