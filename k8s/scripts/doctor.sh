#!/usr/bin/env bash
# Looks at everything that somebody would have to look at. Changes nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Looks at the cluster and says of each thing OK, WARN or FAIL, and what to do next. Reads only. Exits with 1 if anything fails.

  doctor.sh [--context NAME]

  --context NAME   the cluster, by its name in the kubeconfig; the current one unless given
  --help           this
TEXT
}

while [[ $# -gt 0 ]]; do
  case $1 in
    --context) need_value "$1" $#; context=$2; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    *) refuse "Unknown argument: $1" ;;
  esac
done

product=purchase-system
failures=0
warnings=0
ok() { say "OK    $1"; }
warn() { warnings=$((warnings + 1)); say "WARN  $1"; say "      $2"; }
bad() { failures=$((failures + 1)); say "FAIL  $1"; say "      $2"; }

# read_from KIND… : what kubectl says, or nothing where it cannot.
read_from() { kube get "$@" 2>/dev/null || true; }
# judge WHETHER WHAT NEXT: OK, or FAIL with what to do.
judge() { if [[ $1 == true ]]; then ok "$2"; else bad "$2" "$3"; fi; }

check_cluster() {
  local version nodes
  require_programs kubectl
  if ! kube get --raw /readyz --request-timeout=10s >/dev/null 2>&1; then
    bad 'the API server does not answer' 'Check the context (kubectl config get-contexts), or name another with --context.'
    return 1
  fi
  ok "the API server answers (context ${context:-$(kubectl config current-context 2>/dev/null || echo '(current)')})"
  version=$(kube get --raw /version 2>/dev/null | sed -nE 's/.*"gitVersion": *"v1\.([0-9]+).*/\1/p')
  if [[ -z $version ]]; then
    warn 'its version is not known' 'kubectl version'
  elif [[ $version -ge 33 ]]; then
    ok "Kubernetes 1.$version"
  else
    bad "Kubernetes 1.$version" 'Sidecars that stop after the service are there from 1.33 on: upgrade the cluster.'
  fi
  nodes=$(read_from nodes --output name | grep -c . || true)
  if [[ $nodes -ge 3 ]]; then
    ok "$nodes nodes"
  else
    warn "$nodes nodes" 'Kafka, MongoDB and Argo CD keep three copies on three nodes; on fewer install with --single-node.'
  fi
  if [[ $(read_from storageclasses --output 'jsonpath={.items[*].metadata.annotations.storageclass\.kubernetes\.io/is-default-class}') == *true* ]]; then
    ok 'a default StorageClass'
  else
    bad 'no default StorageClass' 'Volumes of Kafka, MongoDB and Prometheus wait for one: kubectl get storageclasses.'
  fi
}

check_definitions() {
  local definition missing=()
  for definition in components.dapr.io configurations.dapr.io subscriptions.dapr.io resiliencies.dapr.io \
    scaledobjects.keda.sh triggerauthentications.keda.sh podmonitors.monitoring.coreos.com \
    prometheusrules.monitoring.coreos.com externalsecrets.external-secrets.io; do
    [[ -n $(read_from crd "$definition" --ignore-not-found --output name) ]] || missing+=("$definition")
  done
  judge "$([[ ${#missing[@]} -eq 0 ]] && echo true)" "definitions of what the product is made of${missing[*]:+: missing ${missing[*]}}" \
    'Install them: install-infrastructure.sh'
}

check_operators() {
  local namespace unavailable
  for namespace in dapr-system keda monitoring external-secrets; do
    if [[ -z $(read_from deployments --namespace "$namespace" --output name) ]]; then
      bad "nothing runs in $namespace" 'Install it: install-infrastructure.sh'
      continue
    fi
    unavailable=$(read_from deployments --namespace "$namespace" \
      --output 'jsonpath={range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Available")].status}{"\n"}{end}' | grep -v '=True$' | cut -d= -f1 || true)
    judge "$([[ -z $unavailable ]] && echo true)" "deployments in $namespace are available${unavailable:+, but not ${unavailable//$'\n'/, }}" \
      "kubectl --namespace $namespace get pods,events"
  done
}

check_webhooks() {
  local injector policy bundle metrics
  injector=$(read_from mutatingwebhookconfigurations dapr-sidecar-injector --ignore-not-found --output name)
  if [[ -z $injector ]]; then
    bad 'nobody injects sidecars' 'Install Dapr: install-infrastructure.sh --only dapr'
  else
    bundle=$(read_from mutatingwebhookconfigurations dapr-sidecar-injector --output 'jsonpath={.webhooks[0].clientConfig.caBundle}')
    judge "$([[ -n $bundle ]] && echo true)" 'the injector is trusted by the API server' \
      'Its authority is missing: kubectl --namespace dapr-system rollout restart deployment/dapr-sidecar-injector'
    policy=$(read_from mutatingwebhookconfigurations dapr-sidecar-injector --output 'jsonpath={.webhooks[0].failurePolicy}')
    if [[ $policy == Fail ]]; then
      ok 'no pod starts without its sidecar'
    else
      warn 'pods start without a sidecar while the injector is away' 'Set dapr_sidecar_injector.webhookFailurePolicy to Fail (infrastructure/dapr/values.yaml).'
    fi
  fi
  metrics=$(read_from apiservices v1beta1.external.metrics.k8s.io --ignore-not-found \
    --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}')
  judge "$([[ $metrics == True ]] && echo true)" 'autoscalers can ask KEDA' \
    'kubectl describe apiservice v1beta1.external.metrics.k8s.io; kubectl --namespace keda get pods'
}

check_product() {
  local name pods without component secret
  if [[ -z $(read_from namespace "$product" --ignore-not-found --output name) ]]; then
    bad "there is no namespace $product" 'Deploy the product: apply-applications.sh, or kubectl apply --server-side -k k8s/overlays/prod'
    return 0
  fi
  for name in storefront purchase-service; do
    pods=$(read_from pods --namespace "$product" --selector "app.kubernetes.io/name=$name" \
      --output 'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.spec.initContainers[*].name} {.spec.containers[*].name}{"\n"}{end}')
    if [[ -z $pods ]]; then
      bad "no pods of $name" "kubectl --namespace $product describe deployment $name"
      continue
    fi
    without=$(grep -vw daprd <<<"$pods" | cut -d' ' -f1 || true)
    judge "$([[ -z $without ]] && echo true)" "pods of $name have their sidecar${without:+, but not ${without//$'\n'/, }}" \
      "kubectl --namespace $product delete pod ${without//$'\n'/ }"
    without=$(awk '$2 != "True" { print $1 }' <<<"$pods")
    judge "$([[ -z $without ]] && echo true)" "pods of $name are ready${without:+, but not ${without//$'\n'/, }}" \
      "kubectl --namespace $product describe pod ${without//$'\n'/ }; kubectl --namespace $product logs ${without%%$'\n'*} --all-containers"
  done
  for component in pubsub dead-letters statestore secrets; do
    [[ -n $(read_from components.dapr.io "$component" --namespace "$product" --ignore-not-found --output name) ]] ||
      bad "no Dapr component $component" 'The overlay names no broker or no store: k8s/overlays/prod/kustomization.yaml'
  done
  for secret in storefront-secrets dapr-api-token app-api-token operator-token broker-client broker-keda store-client; do
    if [[ -n $(read_from secret "$secret" --namespace "$product" --ignore-not-found --output name) ]]; then
      ok "secret $secret"
    elif grep -qE 'broker-keda' <<<"$secret"; then
      warn "no secret $secret" 'Some brokers need none for KEDA; if its TriggerAuthentication names it: kubectl --namespace purchase-system describe externalsecret'
    else
      bad "no secret $secret" "kubectl --namespace $product describe externalsecret; k8s/components/external-secrets"
    fi
  done
}

# condition KIND NAME TYPE
condition() { read_from "$1" "$2" --namespace "$product" --ignore-not-found --output "jsonpath={.status.conditions[?(@.type==\"$3\")].status}"; }

check_scaling() {
  local name
  for name in storefront purchase-service; do
    if [[ -z $(read_from scaledobjects.keda.sh "$name" --namespace "$product" --ignore-not-found --output name) ]]; then
      bad "nothing scales $name" 'k8s/overlays/prod/kustomization.yaml names a broker component, whose ScaledObject it is'
      continue
    fi
    judge "$([[ $(condition scaledobjects.keda.sh "$name" Ready) == True ]] && echo true)" "ScaledObject $name is ready" \
      "kubectl --namespace $product describe scaledobject $name; kubectl --namespace keda logs deployment/keda-operator"
    [[ $(condition scaledobjects.keda.sh "$name" Paused) != True ]] ||
      warn "ScaledObject $name is paused" "kubectl --namespace $product annotate scaledobject $name autoscaling.keda.sh/paused- autoscaling.keda.sh/paused-replicas-"
    [[ $(condition scaledobjects.keda.sh "$name" Fallback) != True ]] ||
      bad "ScaledObject $name has no metric and falls back" "What it asks does not answer: kubectl --namespace $product describe scaledobject $name"
    judge "$([[ $(condition horizontalpodautoscalers "$name" AbleToScale) == True ]] && echo true)" "the autoscaler of $name can scale" \
      "kubectl --namespace $product describe hpa $name"
    judge "$([[ $(condition horizontalpodautoscalers "$name" ScalingActive) == True ]] && echo true)" "the autoscaler of $name gets its metric" \
      "kubectl --namespace $product describe hpa $name"
  done
}

check_kafka() {
  local partitions most
  # Another broker, or one outside of this cluster.
  [[ -n $(read_from crd kafkas.kafka.strimzi.io --ignore-not-found --output name) ]] || return 0
  [[ -n $(read_from kafkas.kafka.strimzi.io kafka --namespace kafka --ignore-not-found --output name) ]] || return 0
  judge "$([[ $(read_from kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]] && echo true)" \
    'Kafka is ready' 'kubectl --namespace kafka describe kafka kafka; kubectl --namespace kafka get pods,pvc'
  partitions=$(read_from kafkatopics.kafka.strimzi.io purchase-events --namespace kafka --ignore-not-found --output 'jsonpath={.spec.partitions}')
  most=$(read_from scaledobjects.keda.sh purchase-service --namespace "$product" --ignore-not-found --output 'jsonpath={.spec.maxReplicaCount}')
  if [[ -z $partitions ]]; then
    warn 'no topic purchase-events' 'It comes with components/broker-kafka; with another broker Kafka is not needed.'
  elif [[ -n $most ]]; then
    judge "$([[ $partitions -ge $most ]] && echo true)" "purchase-events has $partitions partitions for up to $most replicas" \
      'More replicas than partitions get no work: raise spec.partitions (k8s/components/broker-kafka/topics.yaml).'
  fi
}

check_mongodb() {
  local phase
  [[ -n $(read_from crd mongodbcommunity.mongodbcommunity.mongodb.com --ignore-not-found --output name) ]] || return 0
  [[ -n $(read_from mongodbcommunity mongodb --namespace mongodb --ignore-not-found --output name) ]] || return 0
  phase=$(read_from mongodbcommunity mongodb --namespace mongodb --output 'jsonpath={.status.phase}')
  judge "$([[ $phase == Running ]] && echo true)" "MongoDB is ${phase:-not looked after}" \
    'kubectl --namespace mongodb describe mongodbcommunity mongodb; kubectl --namespace mongodb get pods,pvc'
  [[ -n $(read_from cronjobs backup --namespace mongodb --ignore-not-found --output 'jsonpath={.status.lastSuccessfulTime}') ]] ||
    warn 'MongoDB was never backed up' 'kubectl --namespace mongodb create job --from=cronjob/backup backup-now'
}

check_volumes() {
  local pending
  pending=$(read_from pvc --all-namespaces --output 'jsonpath={range .items[?(@.status.phase=="Pending")]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}')
  judge "$([[ -z $pending ]] && echo true)" "volumes are bound${pending:+, but not ${pending//$'\n'/, }}" 'kubectl describe pvc --namespace NAMESPACE NAME'
}

check_applications() {
  local behind
  [[ -n $(read_from crd applications.argoproj.io --ignore-not-found --output name) ]] || return 0
  behind=$(read_from applications.argoproj.io --namespace argocd \
    --output 'jsonpath={range .items[*]}{.metadata.name} {.status.sync.status} {.status.health.status}{"\n"}{end}' | grep -v ' Synced Healthy$' || true)
  judge "$([[ -z $behind ]] && echo true)" "Applications are Synced and Healthy${behind:+, but not ${behind//$'\n'/, }}" \
    'kubectl --namespace argocd describe applications.argoproj.io NAME'
}

# What only the installation knows stands in one file as example.com until somebody writes it there.
check_installation() {
  local file="$folder/../overlays/prod/installation.env"
  if [[ ! -f $file ]]; then
    warn 'k8s/overlays/prod/installation.env is not there' 'It says what only this installation knows.'
  elif grep -v '^ *#' "$file" | grep -q 'example\.com'; then
    bad 'k8s/overlays/prod/installation.env still says example.com' 'Write down where this installation is reached and who signs people in.'
  else
    ok 'k8s/overlays/prod/installation.env is filled in'
  fi
}

check_installation
if check_cluster; then
  check_definitions
  check_operators
  check_webhooks
  check_product
  check_scaling
  check_kafka
  check_mongodb
  check_volumes
  check_applications
fi

trap - EXIT
say
if [[ $failures -gt 0 ]]; then
  say "$failures to be mended, $warnings to be looked at."
  exit 1
fi
say "Nothing to be mended, $warnings to be looked at."
