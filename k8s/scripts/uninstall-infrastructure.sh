#!/usr/bin/env bash
# Removes the product, and then what install-infrastructure.sh installed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Removes the product and its infrastructure in the reverse order of their installation, so that objects go before their operators.
Volumes, with all purchases, stay unless --purge is given. Prints at the end what is left.

  uninstall-infrastructure.sh --yes [--only NAME[,NAME…]] [--purge] [--context NAME] [--timeout 10m] [--dry-run]

  --yes            required, except for a dry run
  --only NAME      the product, and only these pieces of k8s/infrastructure/charts.yaml
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
    --only) need_value "$1" $#; only=$2; shift 2 ;;
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

need_known_pieces "$only"

if $dry_run; then require_programs kubectl; else require_programs kubectl helm; fi
find_cluster

begin_step 'stop Argo CD from restoring what is removed' 'Delete the Applications yourself: kubectl --namespace argocd delete applications.argoproj.io --all.'
# The root first, because it would restore the others. They have no finalizers, so what they deployed stays for the steps below.
if is_wanted argocd; then
  delete applications.argoproj.io root --namespace argocd
  delete applications.argoproj.io --all --namespace argocd
fi

# is_available NAMESPACE DEPLOYMENT: whether the operator runs.
is_available() {
  local status
  exists deployment "$2" --namespace "$1" || return 1
  read_into status kube get deployment "$2" --namespace "$1" --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}'
  [[ $status == True ]]
}

# release KIND NAMESPACE DEPLOYMENT WHERE…: removes the finalizers of the objects of a kind if their operator, which would do it, does
# not run.
release() {
  local kind=$1 deployment=$3 object namespace objects
  if $dry_run || ! exists "$kind" "${@:4}" || is_available "$2" "$deployment"; then return 0; fi
  say "    $deployment does not run, so nothing else would remove the finalizers of $kind"
  read_into objects kube get "$kind" "${@:4}" --output 'jsonpath={range .items[*]}{.metadata.namespace} {.metadata.name}{"\n"}{end}'
  while read -r namespace object; do
    [[ -n $object ]] || continue
    run kubectl patch "$kind" "$object" --namespace "$namespace" --type merge --patch '{"metadata":{"finalizers":null}}'
  done <<<"$objects"
}

begin_step 'remove an interface that nobody serves' 'kubectl get apiservices'
# As long as KEDA's is registered and does not answer, Kubernetes deletes no namespace.
metrics=v1beta1.external.metrics.k8s.io
served=''
if exists apiservices "$metrics"; then
  read_into served kube get apiservices "$metrics" --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}'
  [[ $served == True ]] || delete apiservices "$metrics"
fi

begin_step 'remove all scaling' 'Something other than KEDA waits: kubectl get scaledobjects --all-namespaces --output yaml (metadata.finalizers).'
release scaledobjects.keda.sh keda keda-operator --all-namespaces
release scaledjobs.keda.sh keda keda-operator --all-namespaces
delete scaledobjects.keda.sh --all --all-namespaces
delete scaledjobs.keda.sh --all --all-namespaces

begin_step 'remove the product' 'See what blocks its namespace: kubectl get namespace purchase-system --output yaml (status.conditions).'
release triggerauthentications.keda.sh keda keda-operator --namespace purchase-system
release externalsecrets.external-secrets.io external-secrets external-secrets --namespace purchase-system
delete namespace purchase-system

begin_step 'remove what the product has outside of its namespace' 'Read the error above, then run this again.'
delete validatingadmissionpolicybindings.admissionregistration.k8s.io purchase-system-pods purchase-system-registry
delete validatingadmissionpolicies.admissionregistration.k8s.io purchase-system-pods purchase-system-registry
delete imagevalidatingpolicies.policies.kyverno.io purchase-system-images
# Permissions to read the Secrets of the broker and the store, which are in their namespaces.
for name in purchase-system-broker-secrets purchase-system-store-secrets; do
  delete rolebindings.rbac.authorization.k8s.io --all-namespaces --field-selector "metadata.name=$name"
  delete roles.rbac.authorization.k8s.io --all-namespaces --field-selector "metadata.name=$name"
done

begin_step 'remove topics and users of Kafka' 'Read the log of the entity operator: kubectl --namespace kafka logs deployment/kafka-entity-operator --all-containers.'
# The operator deletes a topic with its object, unless the object is marked as unmanaged.
if ! $purge && is_wanted kafka && { $dry_run || exists kafkatopics.kafka.strimzi.io --namespace kafka; }; then
  run kubectl annotate kafkatopics.kafka.strimzi.io --all --namespace kafka strimzi.io/managed=false --overwrite
fi
if is_wanted kafka; then
  release kafkatopics.kafka.strimzi.io kafka kafka-entity-operator --namespace kafka
  delete kafkatopics.kafka.strimzi.io --all --namespace kafka
  delete kafkausers.kafka.strimzi.io --all --namespace kafka
fi
cluster_id=''
if is_wanted kafka && exists kafkas.kafka.strimzi.io kafka --namespace kafka; then
  read_into cluster_id kube get kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.status.clusterId}'
  say "    the volumes belong to cluster id $cluster_id: keep it, see infrastructure/README.md"
fi

begin_step "keep MongoDB's own passwords with its volumes" 'Read the error above, then run this again.'
# Secrets that the operator created belong to its object, and Kubernetes would delete them with it. The volumes know no others.
for secret in mongodb-agent-password mongodb-keyfile; do
  if ! $purge && is_wanted mongodb && { $dry_run || exists secret "$secret" --namespace mongodb; }; then
    run kubectl patch secret "$secret" --namespace mongodb --type merge --patch '{"metadata":{"ownerReferences":null}}'
  fi
done

# Definitions are removed only if unused, because other software may share them.
remove_definitions() {
  local groups="$*" definition definitions objects unused=()
  if $dry_run; then
    say "    kubectl delete crd of $groups, if no objects of them are left"
    return 0
  fi
  read_into definitions kube get crd --output name
  while read -r definition; do
    definition=${definition#*/}
    [[ " $groups " == *" ${definition#*.} "* ]] || continue
    read_into objects kube get "$definition" --all-namespaces --ignore-not-found --output name
    if [[ -n $objects ]]; then
      say "    kept $definition: objects of it exist"
    else
      unused+=("$definition")
    fi
  done <<<"$definitions"
  [[ ${#unused[@]} -eq 0 ]] || run kubectl delete crd "${unused[@]}" --ignore-not-found --wait --timeout "$timeout"
}

# delete_existing WHAT…: kinds that are already gone are no failure; every other error is printed.
delete_existing() {
  local output errors
  if ! output=$(kube delete "$@" --ignore-not-found --wait --timeout "$timeout" 2>&1); then
    errors=$(grep -Ev "$comes_with_an_earlier_step|^$|^Warning:| deleted( from .* namespace)?\$" <<<"$output") || true
    if [[ -n $errors ]] || ! grep -Eq "$comes_with_an_earlier_step" <<<"$output"; then
      say "$output" >&2
      return 1
    fi
  fi
  output=$(grep -Ev "$comes_with_an_earlier_step|^$|^Warning:" <<<"$output") || true
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
# documents whose namespace differs from --namespace, and some charts write none. Definitions are removed later, if unused.
split_rendered() {
  awk -v which="$1" -v own="$2" '
    function flush_document() {
      if (document != "" && !definition && (elsewhere == (which == "elsewhere"))) printf "---\n%s", document
      document = ""; elsewhere = 0; definition = 0
    }
    /^---/ { flush_document(); next }
    /^kind: ["\047]?CustomResourceDefinition/ { definition = 1 }
    /^  namespace: / { name = $2; gsub(/["\047]/, "", name); if (name != own) elsewhere = 1 }
    { document = document $0 "\n" }
    END { flush_document() }
  '
}

# Every state of a release that has objects. Helm 4 has no flag for all of them, and Helm 3 lists only some without flags.
release_states=(--deployed --failed --pending --superseded --uninstalling)
# Argo CD tells charts what the cluster has, and some then render monitors.
monitors=(--api-versions monitoring.coreos.com/v1)
for kind in PodMonitor PrometheusRule ServiceMonitor; do monitors+=(--api-versions "monitoring.coreos.com/v1/$kind"); done

# delete_chart NAME NAMESPACE REPOSITORY CHART VERSION: Argo CD installs a chart's objects without a Helm release, so Helm knows nothing of
# them. They are what the chart renders, for three nodes or for one.
delete_chart() {
  local name=$1 namespace=$2 repository=$3 chart=$4 version=$5 folder="$infrastructure/$1"
  local arguments releases rendered values here elsewhere
  read_into releases helm_at list --namespace "$namespace" --short --filter "^$name\$" "${release_states[@]}"
  if [[ -n $releases ]]; then
    run helm uninstall "$name" --namespace "$namespace" --ignore-not-found --wait --timeout "$timeout"
    return
  fi
  if ! exists namespace "$namespace"; then
    say "    no namespace $namespace"
    return
  fi
  arguments=("$name")
  if [[ $repository == oci://* ]]; then arguments+=("$repository/$chart"); else arguments+=("$chart" --repo "$repository"); fi
  arguments+=(--version "$version" --namespace "$namespace" "${monitors[@]}" --values "$folder/values.yaml")
  for values in '' "$folder/values-single-node.yaml"; do
    [[ -z $values || -f $values ]] || continue
    show helm template "${arguments[@]}" ${values:+--values "$values"}
    show kubectl delete --filename -
    read_into rendered helm_at template "${arguments[@]}" ${values:+--values "$values"}
    here=$(split_rendered here "$namespace" <<<"$rendered")
    elsewhere=$(split_rendered elsewhere "$namespace" <<<"$rendered")
    [[ -z $here ]] || delete_existing --namespace "$namespace" --filename - <<<"$here"
    [[ -z $elsewhere ]] || delete_existing --filename - <<<"$elsewhere"
  done
}

# The product's are gone, and these are MongoDB's passwords.
begin_step 'let external-secrets forget its objects' 'kubectl get externalsecrets --namespace mongodb --output yaml (metadata.finalizers)'
if is_wanted mongodb; then release externalsecrets.external-secrets.io external-secrets external-secrets --namespace mongodb; fi

namespaces=()
defined=()
while IFS=$separator read -r -u 3 name wave namespace repository chart version path _ groups; do
  [[ $path == namespaces ]] && continue
  is_wanted "$name" || continue
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
    defined+=("$groups")
  fi
done 3< <(pieces_in_reverse)

begin_step 'remove what operators created' 'Read the error above, then run this again.'
if is_wanted mongodb-operator; then delete validatingwebhookconfigurations mdbpolicy.mongodb.com; fi
# Strimzi's brokers read the zones of nodes. Prometheus finds the kubelets through a Service.
if is_wanted strimzi; then delete clusterrolebindings.rbac.authorization.k8s.io strimzi-kafka-kafka-kafka-init; fi
if is_wanted kube-prometheus-stack; then delete services kube-prometheus-stack-kubelet --namespace kube-system; fi

begin_step 'remove namespaces' 'See what blocks one: kubectl get namespace NAME --output yaml (status.conditions).'
kept=()
emptied=()
for namespace in $(printf '%s\n' ${namespaces[@]+"${namespaces[@]}"} | awk '!seen[$0]++'); do
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

# Only now, because every piece may have objects of another's definitions, and namespaces the rest.
begin_step 'remove definitions that nothing uses' 'One of them stays as long as its objects cannot be listed. Read the error above, then run this again.'
[[ ${#defined[@]} -eq 0 ]] || remove_definitions "${defined[@]}"

if is_wanted namespaces; then
  begin_step 'remove the priority class' 'kubectl get pods --all-namespaces shows who still uses it.'
  delete priorityclasses purchase-infrastructure
fi

current_step='list what is left'
if $dry_run; then
  say 'Nothing was changed.'
  exit 0
fi
say '==> left'
definitions='' volumes=''
# An empty array is unset to the Bash of macOS.
for namespace in ${kept[@]+"${kept[@]}"}; do
  read_into volumes kube get pvc --namespace "$namespace" --output name
  while read -r volume; do say "    $namespace/$volume"; done <<<"$volumes"
done
read_into definitions kube get crd --output name
left=$(grep -E '(keda\.sh|dapr\.io|strimzi\.io|mongodb\.com|external-secrets\.io|monitoring\.coreos\.com|argoproj\.io)$' <<<"$definitions") || true
[[ -z $left ]] || say "${left//customresourcedefinition/    customresourcedefinition}"
if [[ ${#kept[@]} -eq 0 && -z $left ]]; then say '    nothing'; fi
