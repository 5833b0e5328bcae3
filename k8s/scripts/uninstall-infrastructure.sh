#!/usr/bin/env bash
# Removes the product, and then what install-infrastructure.sh installed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Removes the product and its infrastructure in the reverse order of their installation, so that objects go before their operators.
Volumes, with all purchases, stay unless --purge is given. Prints at the end what is left.

  uninstall-infrastructure.sh --yes [--purge] [--context NAME] [--timeout 10m] [--dry-run]

  --yes            required, except for a dry run
  --purge          deletes the volumes too, with all purchases
  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --timeout TIME   the time limit for one step (10m)
  --dry-run        shows what would be done
  --help           shows this text
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
$confirmed || $dry_run || refuse 'This removes the product and its infrastructure. Confirm with --yes, or use --dry-run to see what it would do.'

# delete WHAT…: skips objects that do not exist, or whose kind does not exist.
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

begin_step 'stop Argo CD from restoring what is removed' 'Delete the Applications yourself: kubectl --namespace argocd delete applications.argoproj.io --all.'
# The root first, because it would restore the others. They have no finalizers, so what they deployed stays for the steps below.
delete applications.argoproj.io root --namespace argocd
delete applications.argoproj.io --all --namespace argocd

# is_available NAMESPACE DEPLOYMENT: whether the operator runs.
is_available() {
  exists deployment "$2" --namespace "$1" &&
    [[ $(kube get deployment "$2" --namespace "$1" --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}') == True ]]
}

# release KIND NAMESPACE DEPLOYMENT: removes the finalizers of all objects of a kind if their operator, which would do it, does not run.
release() {
  local object namespace
  if $dry_run || ! exists "$1" --all-namespaces || is_available "$2" "$3"; then return 0; fi
  say "    $3 does not run, so nothing else would remove the finalizers of $1"
  while read -r namespace object; do
    run kubectl patch "$1" "$object" --namespace "$namespace" --type merge --patch '{"metadata":{"finalizers":null}}'
  done < <(kube get "$1" --all-namespaces --output 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}')
}

begin_step 'remove an interface that nobody serves' 'kubectl get apiservices'
# As long as KEDA's is registered and does not answer, Kubernetes deletes no namespace.
metrics=v1beta1.external.metrics.k8s.io
if exists apiservices "$metrics" &&
  [[ $(kube get apiservices "$metrics" --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}') != True ]]; then
  delete apiservices "$metrics"
fi

begin_step 'remove all scaling' 'Something other than KEDA waits: kubectl get scaledobjects --all-namespaces --output yaml (metadata.finalizers).'
release scaledobjects.keda.sh keda keda-operator
release scaledjobs.keda.sh keda keda-operator
delete scaledobjects.keda.sh --all --all-namespaces
delete scaledjobs.keda.sh --all --all-namespaces

begin_step 'remove the product' 'See what blocks its namespace: kubectl get namespace purchase-system --output yaml (status.conditions).'
delete namespace purchase-system

begin_step 'remove topics and users of Kafka' 'Read the log of the entity operator: kubectl --namespace kafka logs deployment/kafka-entity-operator --all-containers.'
# The operator deletes a topic with its object, unless the object is marked as unmanaged.
if ! $purge && { $dry_run || exists kafkatopics.kafka.strimzi.io --namespace kafka; }; then
  run kubectl annotate kafkatopics.kafka.strimzi.io --all --namespace kafka strimzi.io/managed=false --overwrite
fi
release kafkatopics.kafka.strimzi.io kafka kafka-entity-operator
delete kafkatopics.kafka.strimzi.io --all --namespace kafka
delete kafkausers.kafka.strimzi.io --all --namespace kafka
if exists kafkas.kafka.strimzi.io kafka --namespace kafka; then
  say "    the volumes belong to cluster id $(kube get kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.status.clusterId}'): keep it, see infrastructure/README.md"
fi

begin_step "keep MongoDB's own passwords with its volumes" 'Read the error above, then run this again.'
# Secrets that the operator created belong to its object, and Kubernetes would delete them with it. The volumes know no others.
for secret in mongodb-agent-password mongodb-keyfile; do
  if ! $purge && { $dry_run || exists secret "$secret" --namespace mongodb; }; then
    run kubectl patch secret "$secret" --namespace mongodb --type merge --patch '{"metadata":{"ownerReferences":null}}'
  fi
done

# Definitions are removed only if unused, because other software may share them.
remove_definitions() {
  local groups=$1 definition found unused=()
  if $dry_run; then
    say "    kubectl delete crd of $groups, if no objects of them are left"
    return 0
  fi
  found=$(kube get crd --output name | grep -E "/[a-z]+\.(${groups// /|})\$" || true)
  for definition in $found; do
    definition=${definition#*/}
    if [[ -n $(kube get "$definition" --all-namespaces --ignore-not-found --output name) ]]; then
      say "    kept $definition: objects of it exist"
    else
      unused+=("$definition")
    fi
  done
  [[ ${#unused[@]} -eq 0 ]] || run kubectl delete crd "${unused[@]}" --ignore-not-found --wait --timeout "$timeout"
}

# delete_existing WHAT…: kinds that are already gone are no failure; every other error is printed.
delete_existing() {
  local output
  if ! output=$(kube delete "$@" --ignore-not-found --wait --timeout "$timeout" 2>&1); then
    output=$(grep -Ev "$comes_with_an_earlier_step" <<<"$output" || true)
    if grep -Ev '^$| deleted( from .* namespace)?$' <<<"$output" >&2; then return 1; fi
  fi
  [[ -z $output ]] || say "$output"
}

delete_folder() {
  local arguments=(-k "$1")
  # The marked objects hold purchases. Operators leave the volumes they created.
  $purge || arguments+=(--selector "kept-at-uninstall!=true")
  show kubectl delete "${arguments[@]}"
  $dry_run || delete_existing "${arguments[@]}"
}

# split_rendered here|elsewhere NAMESPACE: the documents of the input without another namespace, or those with one. kubectl refuses
# documents whose namespace differs from --namespace, and some charts write none.
split_rendered() {
  awk -v which="$1" -v own="$2" '
    function flush_document() { if (document != "" && (elsewhere == (which == "elsewhere"))) printf "---\n%s", document; document = ""; elsewhere = 0 }
    /^---/ { flush_document(); next }
    /^  namespace: / { name = $2; gsub(/["\047]/, "", name); if (name != own) elsewhere = 1 }
    { document = document $0 "\n" }
    END { flush_document() }
  '
}

# delete_chart NAME NAMESPACE REPOSITORY CHART VERSION: Argo CD installs a chart's objects without a Helm release, so Helm knows nothing of
# them. They are what the chart renders, for three nodes or for one.
delete_chart() {
  local name=$1 namespace=$2 repository=$3 chart=$4 version=$5 folder="$infrastructure/$1" arguments values rendered here elsewhere
  if [[ -n $(helm_at list --namespace "$namespace" --all --short --filter "^$name\$") ]]; then
    run helm uninstall "$name" --namespace "$namespace" --ignore-not-found --wait --timeout "$timeout"
    return
  fi
  if ! exists namespace "$namespace"; then
    say "    no namespace $namespace"
    return
  fi
  arguments=("$name")
  if [[ $repository == oci://* ]]; then arguments+=("$repository/$chart"); else arguments+=("$chart" --repo "$repository"); fi
  arguments+=(--version "$version" --namespace "$namespace" --values "$folder/values.yaml")
  for values in '' "$folder/values-single-node.yaml"; do
    [[ -z $values || -f $values ]] || continue
    show helm template "${arguments[@]}" ${values:+--values "$values"}
    show kubectl delete --filename -
    rendered=$(helm_at template "${arguments[@]}" ${values:+--values "$values"})
    here=$(split_rendered here "$namespace" <<<"$rendered")
    elsewhere=$(split_rendered elsewhere "$namespace" <<<"$rendered")
    [[ -z $here ]] || delete_existing --namespace "$namespace" --filename - <<<"$here"
    [[ -z $elsewhere ]] || delete_existing --filename - <<<"$elsewhere"
  done
}

namespaces=()
while IFS=$separator read -r -u 3 name wave namespace repository chart version path _ groups; do
  [[ $path == namespaces ]] && continue
  namespaces+=("$namespace")
  begin_step "$name (wave $wave, namespace $namespace)" \
    "Check it: kubectl --namespace $namespace get all,pvc. Objects with finalizers wait for their operator. Then run this again."
  if [[ $chart == - ]]; then
    delete_folder "$infrastructure/$path"
  else
    if $dry_run; then
      show helm uninstall "$name" --namespace "$namespace"
    else
      delete_chart "$name" "$namespace" "$repository" "$chart" "$version"
    fi
    remove_definitions "$groups"
  fi
done 3< <(pieces_in_reverse)

begin_step 'remove what operators created' 'kubectl get validatingwebhookconfigurations'
delete validatingwebhookconfigurations mdbpolicy.mongodb.com

begin_step 'remove namespaces' 'See what blocks one: kubectl get namespace NAME --output yaml (status.conditions).'
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

begin_step 'remove the priority class' 'kubectl get pods --all-namespaces shows who still uses it.'
delete priorityclasses purchase-infrastructure

current_step='list what is left'
if $dry_run; then
  say 'Nothing was changed.'
  exit 0
fi
say '==> left'
for namespace in "${kept[@]}"; do
  kube get pvc --namespace "$namespace" --output name | sed "s|^|    $namespace/|"
done
left=$(kube get crd --output name | grep -E '(keda\.sh|dapr\.io|strimzi\.io|mongodb\.com|external-secrets\.io|monitoring\.coreos\.com|argoproj\.io)$' || true)
[[ -z $left ]] || say "${left//customresourcedefinition/    customresourcedefinition}"
if [[ ${#kept[@]} -eq 0 && -z $left ]]; then say '    nothing'; fi
