#!/usr/bin/env bash
# Sourced by the other scripts: announces steps, runs them or tries them without effect, and reports failures.

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
infrastructure=$(cd "$folder/../infrastructure" && pwd)

dry_run=false
context=''
only=''
# The current step, and the advice to print if it fails.
current_step='reading the arguments'
advice='Run it again with --help.'

say() { printf '%s\n' "$*"; }

# Ends with a usage error, before anything was done.
refuse() {
  trap - EXIT
  say "$1" >&2
  say "Run $(basename "$0") --help." >&2
  exit 64
}

# fail WHAT ADVICE: ends with a failure.
fail() {
  trap - EXIT
  say >&2
  say "FAILED: $1" >&2
  say "  $2" >&2
  exit 1
}

# begin_step WHAT ADVICE: failures until the next step belong to this one.
begin_step() {
  current_step=$1
  advice=$2
  say "==> $1"
}

# Prints the step and the advice whenever a script ends early, which is never a success.
report_failure() {
  local code=$?
  [[ $code -eq 0 ]] && return 0
  say >&2
  say "FAILED (exit code $code): $current_step" >&2
  say "  $advice" >&2
  if ! $dry_run; then say "  Earlier steps are done, later ones are not. Run this again to continue from here." >&2; fi
}
trap report_failure EXIT

# need_value FLAG COUNT: requires a value after the flag.
need_value() { [[ $2 -ge 2 ]] || refuse "$1 needs a value."; }

# need_time TIME: requires a valid value of --timeout.
need_time() { [[ $1 =~ ^[0-9]+[smh]$ ]] || refuse "--timeout must be a number with s, m or h, not $1."; }

require_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is not on the PATH" "Install $program, then run this again."
  done
}

# installation_value KEY: its value in the committed file of this installation.
installation_value() { sed -n "s/^$1=//p" "$folder/../installation/installation.env"; }

# read_into VARIABLE COMMAND…: stores the command's output. If the command fails, the script fails, also within a condition, where
# `set -e` has no effect: an answer that never came is not the answer "none".
read_into() {
  local read_output
  read_output=$("${@:2}") || fail "$current_step" "$advice"
  printf -v "$1" '%s' "$read_output"
}

kube() { kubectl ${context:+--context "$context"} "$@"; }
helm_at() { helm ${context:+--kube-context "$context"} "$@"; }

# `kubectl wait --for create`, for objects that others create, exists since 1.31.
need_kubectl_31() {
  local minor
  minor=$(kube version --client 2>/dev/null | sed -nE 's/^Client Version: v1\.([0-9]+).*/\1/p')
  [[ -z $minor || $minor -ge 31 ]] || fail "kubectl 1.$minor is too old" 'Install kubectl 1.31 or newer, then run this again.'
}

# Strimzi starts brokers only on nodes that have the label of Kafka's `rack`.
need_zones() {
  local zones count
  zones=$(kube get nodes --output 'jsonpath={range .items[*]}{.metadata.name}={.metadata.labels.topology\.kubernetes\.io/zone}{"\n"}{end}')
  count=$(grep -c '=.' <<<"$zones" || true)
  [[ -z $zones || $count -ge 3 ]] || fail "$count nodes have the label topology.kubernetes.io/zone, and Kafka needs three" \
    'Without zones, name each node as its own: kubectl label node NAME topology.kubernetes.io/zone=NAME. With fewer nodes: one of everything (k8s/infrastructure/README.md).'
}

# A dry run needs no cluster. Without one it only prints the steps.
reachable=false
find_cluster() {
  begin_step 'looking for the cluster' 'Check the context (kubectl config get-contexts) and your access to it, or choose another with --context.'
  if kube get --raw /readyz --request-timeout=10s >/dev/null 2>&1; then
    reachable=true
    need_kubectl_31
    say "    context ${context:-$(kubectl config current-context 2>/dev/null || echo '(current)')}"
  elif $dry_run; then
    say '    no cluster answers: the steps are printed and not tried'
  else
    kube get --raw /readyz --request-timeout=10s >/dev/null
  fi
}

# Prints a command as it could be typed.
show() {
  local word line='   '
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then line+=" $word"; else line+=" $(printf '%q' "$word")"; fi
  done
  say "$line"
}

# Errors of objects whose kind or namespace an earlier step creates: a dry run cannot try them.
comes_with_an_earlier_step='no matches for kind|ensure CRDs are installed first|namespaces "[^"]*" not found|server doesn.t have a resource type|could not find the requested resource'

# try_on_server COMMAND…: fails with the command's output, unless the only reason is an earlier step that was not run.
try_on_server() {
  local output
  if output=$("$@" 2>&1); then
    say '    the API server accepts it'
  elif grep -Eq "$comes_with_an_earlier_step" <<<"$output" &&
    ! grep -Ei '^(error|the .* is invalid)' <<<"$output" | grep -Evq "$comes_with_an_earlier_step"; then
    say '    not tried: it depends on an earlier step'
  else
    say "$output" >&2
    return 1
  fi
}

# apply FOLDER: a kustomization.
apply() {
  show kubectl apply --server-side -k "$1"
  if $dry_run; then
    $reachable || return 0
    try_on_server kube apply --server-side --dry-run=server -k "$1"
  else
    kube apply --server-side --field-manager=install-infrastructure --force-conflicts -k "$1"
  fi
}

# run COMMAND…: runs kubectl or helm; a dry run only prints the command.
run() {
  show "$@"
  $dry_run && return 0
  case $1 in
    kubectl) kube "${@:2}" ;;
    helm) helm_at "${@:2}" ;;
  esac
}

# exists WHAT…: whether the cluster has the object and its kind. Without a cluster nothing exists. If the query fails, the script fails.
exists() {
  local word output query=()
  $reachable || return 1
  # "get" returns all objects of a kind without --all.
  for word in "$@"; do [[ $word == --all ]] || query+=("$word"); done
  if output=$(kube get "${query[@]}" --ignore-not-found --output name 2>&1); then
    [[ -n $output ]]
  elif grep -Eq "$comes_with_an_earlier_step" <<<"$output"; then
    return 1
  else
    say "$output" >&2
    fail "$current_step" "$advice"
  fi
}

# The pieces of charts.yaml, in its order: name, wave, namespace, repository, chart, version, folder, ready, api-groups. A dash
# replaces a missing value. The separator occurs in no value.
separator=$'\x1f'
list_pieces() {
  awk -v separator="$separator" '
    function flush_piece(  i, line) {
      if (!("name" in piece)) return
      line = ""
      for (i = 1; i <= count; i++) line = line (i > 1 ? separator : "") (order[i] in piece ? piece[order[i]] : "-")
      print line
      delete piece
    }
    BEGIN { count = split("name wave namespace repository chart version folder ready api-groups", order, " ") }
    /^ *#/ || !NF { next }
    /^  - name: / { flush_piece(); sub(/^  - name: /, ""); piece["name"] = $0; next }
    /^    [a-z-]+: / { key = $1; sub(/:$/, "", key); sub(/^ *[a-z-]+: +/, ""); piece[key] = $0 }
    END { flush_piece() }
  ' "$infrastructure/charts.yaml"
}

# Sorted by wave, and within a wave in the order of the file.
pieces_in_order() { list_pieces | awk -F "$separator" '{ print $2 "\t" NR "\t" $0 }' | sort -n -k1,1 -k2,2 | cut -f3-; }
pieces_in_reverse() { list_pieces | awk -F "$separator" '{ print $2 "\t" NR "\t" $0 }' | sort -rn -k1,1 -k2,2 | cut -f3-; }

# is_wanted PIECE: whether --only names it, or nothing.
is_wanted() { [[ -z $only || ,$only, == *,$1,* ]]; }

# need_known_pieces NAMES: requires that charts.yaml has each of them.
need_known_pieces() {
  local name all_names
  all_names=$(list_pieces | cut -d "$separator" -f1)
  for name in ${1//,/ }; do
    grep -qx -- "$name" <<<"$all_names" || refuse "Unknown piece: $name. Known pieces: ${all_names//$'\n'/, }."
  done
}
