#!/usr/bin/env bash
# Sourced by the scripts beside it: how steps are run, tried without effect, announced, and told of when they fail.

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
infrastructure=$(cd "$folder/../infrastructure" && pwd)

dry_run=false
context=''
# What is done just now, and what to do about it when it fails.
current_step='reading the arguments'
advice='Run it again with --help.'

say() { printf '%s\n' "$*"; }

# A mistake of the caller: nothing was done.
refuse() {
  trap - EXIT
  say "$1" >&2
  say "Run $(basename "$0") --help." >&2
  exit 64
}

# fail WHAT ADVICE
fail() {
  trap - EXIT
  say >&2
  say "FAILED: $1" >&2
  say "  $2" >&2
  exit 1
}

# begin_step WHAT ADVICE: everything that fails until the next one has failed in this.
begin_step() {
  current_step=$1
  advice=$2
  say "==> $1"
}

# Whatever ends a script early ends it with the step and the advice, and never with a success.
tell_failure() {
  local code=$?
  [[ $code -eq 0 ]] && return 0
  say >&2
  say "FAILED (exit code $code): $current_step" >&2
  say "  $advice" >&2
  if ! $dry_run; then say "  Steps before it are done, later ones are not. Running it again goes on from here." >&2; fi
}
trap tell_failure EXIT

# need_value FLAG COUNT: a flag that needs a value is followed by one.
need_value() { [[ $2 -ge 2 ]] || refuse "$1 needs a value."; }

# need_time TIME: what --timeout may be.
need_time() { [[ $1 =~ ^[0-9]+[smh]$ ]] || refuse "--timeout is a number with s, m or h, not $1."; }

require_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is not on the PATH" "Install $program, then run this again."
  done
}

kube() { kubectl ${context:+--context "$context"} "$@"; }
helm_at() { helm ${context:+--kube-context "$context"} "$@"; }

# With a dry run it is no mistake that there is no cluster: then steps are only said.
reachable=false
find_cluster() {
  begin_step 'looking for the cluster' 'Check the context (kubectl config get-contexts) and that you may reach it, or name another with --context.'
  if kube get --raw /readyz --request-timeout=10s >/dev/null 2>&1; then
    reachable=true
    say "    context ${context:-$(kubectl config current-context 2>/dev/null || echo '(current)')}"
  elif $dry_run; then
    say '    none answers: what would be done is said, and not tried'
  else
    kube get --raw /readyz --request-timeout=10s >/dev/null
  fi
}

# Shows what is run, as it could be typed.
show() {
  local word line='   '
  for word in "$@"; do
    if [[ $word =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then line+=" $word"; else line+=" $(printf '%q' "$word")"; fi
  done
  say "$line"
}

# An object whose kind or namespace an earlier step would have brought cannot be tried before that step was taken.
comes_with_an_earlier_step='no matches for kind|ensure CRDs are installed first|namespaces "[^"]*" not found|server doesn.t have a resource type|could not find the requested resource'

# try_on_server COMMAND…: its message where it fails for another reason than that earlier steps were not taken.
try_on_server() {
  local output
  if output=$("$@" 2>&1); then
    say '    the API server takes it'
  elif grep -Eq "$comes_with_an_earlier_step" <<<"$output" &&
    ! grep -Ei '^(error|the .* is invalid)' <<<"$output" | grep -Evq "$comes_with_an_earlier_step"; then
    say '    not tried: it needs what an earlier step brings'
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

# run COMMAND…: kubectl or helm with an effect, or in a dry run only its words.
run() {
  show "$@"
  $dry_run && return 0
  case $1 in
    kubectl) kube "${@:2}" ;;
    helm) helm_at "${@:2}" ;;
  esac
}

# exists WHAT…: whether the cluster has it, and its kind. Nothing exists where no cluster answers; not being told is a failure.
exists() {
  local word output query=()
  $reachable || return 1
  # "get" takes all of a kind without being told so.
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

# The pieces of charts.yaml, in its order: name, wave, namespace, repository, chart, version, folder, ready, api-groups, with
# a dash for what a piece does not say, separated by a character that no value has.
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

# By wave, and within a wave as they stand in the file.
pieces_in_order() { list_pieces | awk -F "$separator" '{ print $2 "\t" NR "\t" $0 }' | sort -n -k1,1 -k2,2 | cut -f3-; }
pieces_in_reverse() { list_pieces | awk -F "$separator" '{ print $2 "\t" NR "\t" $0 }' | sort -rn -k1,1 -k2,2 | cut -f3-; }
