#!/usr/bin/env bash
# Installs the infrastructure of the product.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Installs the infrastructure listed in k8s/infrastructure/charts.yaml: charts and kustomizations, wave by wave, each ready before
the next one begins. Running it again changes nothing, or continues where it stopped.

  install-infrastructure.sh [--only NAME[,NAME…]] [--single-node] [--context NAME] [--timeout 10m] [--dry-run]

  --only NAME      only these pieces; with Argo CD: --only namespaces,argocd
  --single-node    one of everything, for kind and similar clusters
  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --timeout TIME   the time limit for one piece (10m)
  --dry-run        shows what would be done; if a cluster answers, its API server validates it
  --help           shows this text
TEXT
}

timeout=10m
single_node=false
while [[ $# -gt 0 ]]; do
  case $1 in
    --only) need_value "$1" $#; only=$2; shift 2 ;;
    --single-node) single_node=true; shift ;;
    --context) need_value "$1" $#; context=$2; shift 2 ;;
    --timeout) need_value "$1" $#; timeout=$2; shift 2 ;;
    --dry-run) dry_run=true; shift ;;
    --help | -h) usage; exit 0 ;;
    *) refuse "Unknown argument: $1" ;;
  esac
done
need_time "$timeout"

need_known_pieces "$only"

# install_definitions CHART…: applies the definitions in a chart's crds folder, because Helm installs them once and never updates them.
install_definitions() {
  local definitions
  show helm show crds "$@"
  show kubectl apply --server-side --filename -
  if $dry_run && ! $reachable; then return 0; fi
  definitions=$(helm_at show crds "$@")
  if [[ -z $definitions ]]; then
    say '    the chart has no separate definitions'
  elif $dry_run; then
    try_on_server kube apply --server-side --force-conflicts --dry-run=server --filename - <<<"$definitions"
  else
    kube apply --server-side --field-manager=install-infrastructure --force-conflicts --filename - <<<"$definitions"
  fi
}

# install_chart NAME NAMESPACE REPOSITORY CHART VERSION
install_chart() {
  local name=$1 namespace=$2 repository=$3 chart=$4 version=$5
  local arguments=("$name") values="$infrastructure/$name/values.yaml" smaller="$infrastructure/$name/values-single-node.yaml"
  if [[ $repository == oci://* ]]; then
    arguments+=("$repository/$chart")
  else
    arguments+=("$chart" --repo "$repository")
  fi
  arguments+=(--version "$version")
  install_definitions "${arguments[@]:1}"
  arguments+=(--namespace "$namespace" --values "$values")
  if $single_node && [[ -f $smaller ]]; then arguments+=(--values "$smaller"); fi
  show helm upgrade --install "${arguments[@]}"
  if $dry_run; then
    $reachable || return 0
    try_on_server helm_at upgrade --install "${arguments[@]}" --dry-run=server
    return
  fi
  helm_at upgrade --install "${arguments[@]}" --wait --timeout "$timeout"
  # Helm waits for what it made; this also sees what an operator made of it.
  kube wait --namespace "$namespace" --for=condition=Available deployment --all --timeout "$timeout"
}

# install_folder NAMESPACE FOLDER READY
install_folder() {
  local namespace=$1 path="$infrastructure/$2" ready=$3
  if $single_node && [[ -d $path-single-node ]]; then path+=-single-node; fi
  apply "$path"
  [[ $ready == - ]] || run kubectl wait --namespace "$namespace" "${ready%% *}" --for "${ready#* }" --timeout "$timeout"
}

if $dry_run; then require_programs kubectl; else require_programs kubectl helm; fi
find_cluster
if $reachable && $dry_run; then require_programs helm; fi

if is_wanted kafka && ! $single_node && ! $dry_run; then need_zones; fi

while IFS=$separator read -r -u 3 name wave namespace repository chart version path ready _; do
  is_wanted "$name" || continue
  if [[ $chart != - ]]; then
    begin_step "$name $version (wave $wave, namespace $namespace)" \
      "Check it: kubectl --namespace $namespace get pods,events; helm --namespace $namespace status $name. Then run this again."
    install_chart "$name" "$namespace" "$repository" "$chart" "$version"
  else
    begin_step "$name (wave $wave, namespace $namespace)" \
      "Check it: kubectl --namespace $namespace get pods,events,pvc. Then run this again."
    install_folder "$namespace" "$path" "$ready"
  fi
done 3< <(pieces_in_order)

current_step='' advice=''
if $dry_run; then
  say 'Nothing was changed.'
else
  say "Every requested piece is installed and ready. Run doctor.sh for details."
fi
