#!/usr/bin/env bash
# Takes away what install-infrastructure.sh installed, and the product before it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Takes away the product and what it stands on, in the reverse order of its installation: what scales and is operated before who
scales and operates it. Volumes, and with them what was bought, stay unless --purge is given. Says at the end what is left.

  uninstall-infrastructure.sh --yes [--purge] [--context NAME] [--timeout 10m] [--dry-run]

  --yes            needed, unless it is a dry run
  --purge          the volumes as well: what was bought is gone
  --context NAME   the cluster, by its name in the kubeconfig; the current one unless given
  --timeout TIME   how long one step may take (10m)
  --dry-run        says what would be done
  --help           this
TEXT
}

purge=false
timeout=10m
confirmed=false
while [[ $# -gt 0 ]]; do
  case $1 in
    --yes) confirmed=true; shift ;;
    --purge) purge=true; shift ;;
    --context) need_value "$1" $#; context=$2; shift 2 ;;
    --timeout) need_value "$1" $#; timeout=$2; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    --help | -h) usage; exit 0 ;;
    *) refuse "Unknown argument: $1" ;;
  esac
done
need_time "$timeout"
$confirmed || $dry_run || refuse 'This takes the product and its infrastructure away. Say --yes, or --dry-run to see what it would do.'

# delete WHAT…: what is not there, or whose kind is not there, is gone already.
delete() {
  if $dry_run; then
    show kubectl delete "$@"
  elif exists "$@"; then
    run kubectl delete "$@" --ignore-not-found --wait --timeout "$timeout"
  else
    say "    no $*"
  fi
}

if $dry_run; then require_programs kubectl; else require_programs kubectl helm; fi
find_cluster

begin_step 'Argo CD stops putting back what is taken away' 'Delete the Applications yourself: kubectl --namespace argocd delete applications.argoproj.io --all.'
# The root first: it would put back the others. They have no finalizers, so what they deployed stays for the steps below.
delete applications.argoproj.io root --namespace argocd
delete applications.argoproj.io --all --namespace argocd

begin_step 'nothing is scaled any more' \
  'While KEDA runs it removes its finalizer from them. If it does not run, start it (install-infrastructure.sh --only keda), then run this again.'
delete scaledobjects.keda.sh --all --all-namespaces
delete scaledjobs.keda.sh --all --all-namespaces

begin_step 'the product' 'See what holds its namespace: kubectl get namespace purchase-system --output yaml (status.conditions).'
delete namespace purchase-system

begin_step 'topics and users of Kafka' 'See what the entity operator says: kubectl --namespace kafka logs deployment/kafka-entity-operator --all-containers.'
# The operator deletes a topic with its object, unless it is told that it does not manage it any more.
if ! $purge && { $dry_run || exists kafkatopics.kafka.strimzi.io --namespace kafka; }; then
  run kubectl annotate kafkatopics.kafka.strimzi.io --all --namespace kafka strimzi.io/managed=false --overwrite
fi
delete kafkatopics.kafka.strimzi.io --all --namespace kafka
delete kafkausers.kafka.strimzi.io --all --namespace kafka
if exists kafkas.kafka.strimzi.io kafka --namespace kafka; then
  say "    the volumes belong to cluster id $(kube get kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.status.clusterId}'): keep it, see infrastructure/README.md"
fi

# Definitions go when nobody uses them; they are other people's as well.
remove_definitions() {
  local groups=$1 definition found unused=()
  if $dry_run; then
    say "    kubectl delete crd of $groups, where no object of them is left"
    return 0
  fi
  found=$(kube get crd --output name | grep -E "/[a-z]+\.(${groups// /|})\$" || true)
  for definition in $found; do
    definition=${definition#*/}
    if [[ -n $(kube get "$definition" --all-namespaces --ignore-not-found --output name) ]]; then
      say "    kept $definition: there are objects of it"
    else
      unused+=("$definition")
    fi
  done
  [[ ${#unused[@]} -eq 0 ]] || run kubectl delete crd "${unused[@]}" --ignore-not-found --wait --timeout "$timeout"
}

delete_folder() {
  local output arguments=(-k "$1")
  # What is marked so holds what was bought; the operators leave the volumes that they made themselves.
  $purge || arguments+=(--selector "kept-at-uninstall!=true")
  show kubectl delete "${arguments[@]}"
  $dry_run && return 0
  # Kinds that it names may be gone already; everything else that goes wrong is told.
  if ! output=$(kube delete "${arguments[@]}" --ignore-not-found --wait --timeout "$timeout" 2>&1); then
    output=$(grep -Ev "$comes_with_an_earlier_step" <<<"$output" || true)
    if grep -Ev '^$| deleted( from .* namespace)?$' <<<"$output" >&2; then return 1; fi
  fi
  [[ -z $output ]] || say "$output"
}

namespaces=()
while IFS=$separator read -r -u 3 name wave namespace _ chart _ path _ groups; do
  [[ $path == namespaces ]] && continue
  namespaces+=("$namespace")
  begin_step "$name (wave $wave, namespace $namespace)" \
    "Look at it: kubectl --namespace $namespace get all,pvc; what has finalizers waits for its operator. Then run this again."
  if [[ $chart == - ]]; then
    delete_folder "$infrastructure/$path"
  else
    run helm uninstall "$name" --namespace "$namespace" --ignore-not-found --wait --timeout "$timeout"
    remove_definitions "$groups"
  fi
done 3< <(pieces_in_reverse)

begin_step 'what operators made by themselves' 'kubectl get validatingwebhookconfigurations'
delete validatingwebhookconfigurations mdbpolicy.mongodb.com

begin_step 'namespaces' 'See what holds one: kubectl get namespace NAME --output yaml (status.conditions).'
kept=()
emptied=()
for namespace in $(printf '%s\n' "${namespaces[@]}" | awk '!seen[$0]++'); do
  if $purge; then
    delete pvc --all --namespace "$namespace"
  elif exists pvc --namespace "$namespace"; then
    kept+=("$namespace")
    say "    kept $namespace: it has volumes"
    continue
  fi
  if $dry_run || exists namespace "$namespace"; then emptied+=("$namespace"); fi
done
[[ ${#emptied[@]} -eq 0 ]] || run kubectl delete namespace "${emptied[@]}" --ignore-not-found --wait --timeout "$timeout"

current_step='saying what is left'
if $dry_run; then
  say 'Nothing was changed.'
  exit 0
fi
say '==> left'
for namespace in "${kept[@]}"; do
  kube get pvc --namespace "$namespace" --output name | sed "s|^|    $namespace/|"
done
left=$(kube get crd --output name | grep -E '(keda\.sh|dapr\.io|strimzi\.io|mongodb\.com|cert-manager\.io|external-secrets\.io|monitoring\.coreos\.com|argoproj\.io)$' || true)
[[ -z $left ]] || say "${left//customresourcedefinition/    customresourcedefinition}"
if [[ ${#kept[@]} -eq 0 && -z $left ]]; then say '    nothing'; fi
