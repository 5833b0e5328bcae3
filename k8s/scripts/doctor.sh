#!/usr/bin/env bash
# Checks the whole installation. Changes nothing.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=run-steps.sh
. "$(dirname "$0")/run-steps.sh"

usage() {
  cat <<'TEXT'
Checks the cluster and prints OK, WARN or FAIL for each part, with the next step. It only reads, and exits with 1 if a check fails.

  doctor.sh [--context NAME]

  --context NAME   the cluster's context in the kubeconfig; by default the current one
  --help           shows this text

ALLOW_LOST_PURCHASES=true accepts a broker that may lose purchases with Dapr's sidecar.
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

# read_from KIND…: kubectl's output, or nothing if it fails.
read_from() { kube get "$@" 2>/dev/null || true; }
# judge RESULT CHECK NEXT_STEP: prints OK if the result is true, else FAIL with the next step.
judge() { if [[ $1 == true ]]; then ok "$2"; else bad "$2" "$3"; fi; }

check_cluster() {
  local version nodes
  require_programs kubectl
  if ! kube get --raw /readyz --request-timeout=10s >/dev/null 2>&1; then
    bad 'the API server does not answer' 'Check the context (kubectl config get-contexts), or choose another with --context.'
    return 1
  fi
  ok "the API server answers (context ${context:-$(kubectl config current-context 2>/dev/null || echo '(current)')})"
  version=$(kube get --raw /version 2>/dev/null | sed -nE 's/.*"gitVersion": *"v1\.([0-9]+).*/\1/p')
  if [[ -z $version ]]; then
    warn 'unknown version of Kubernetes' 'kubectl version'
  elif [[ $version -ge 33 ]]; then
    ok "Kubernetes 1.$version"
  else
    bad "Kubernetes 1.$version" 'Sidecars that stop after their service need Kubernetes 1.33: upgrade the cluster.'
  fi
  nodes=$(read_from nodes --output name | grep -c . || true)
  if [[ $nodes -ge 3 ]]; then
    ok "$nodes nodes"
  else
    warn "$nodes nodes" 'Kafka, MongoDB and Argo CD run three copies on three nodes. With fewer nodes, install with --single-node.'
  fi
  if [[ $(read_from storageclasses --output 'jsonpath={.items[*].metadata.annotations.storageclass\.kubernetes\.io/is-default-class}') == *true* ]]; then
    ok 'a default StorageClass'
  else
    bad 'no default StorageClass' 'The volumes of Kafka, MongoDB and Prometheus need one: kubectl get storageclasses.'
  fi
}

check_definitions() {
  local definition missing=()
  for definition in components.dapr.io configurations.dapr.io subscriptions.dapr.io resiliencies.dapr.io \
    scaledobjects.keda.sh triggerauthentications.keda.sh podmonitors.monitoring.coreos.com \
    prometheusrules.monitoring.coreos.com externalsecrets.external-secrets.io; do
    [[ -n $(read_from crd "$definition" --ignore-not-found --output name) ]] || missing+=("$definition")
  done
  judge "$([[ ${#missing[@]} -eq 0 ]] && echo true)" "the definitions the product needs${missing[*]:+: missing ${missing[*]}}" \
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
    bad 'no injector for sidecars' 'Install Dapr: install-infrastructure.sh --only dapr'
  else
    bundle=$(read_from mutatingwebhookconfigurations dapr-sidecar-injector --output 'jsonpath={.webhooks[0].clientConfig.caBundle}')
    judge "$([[ -n $bundle ]] && echo true)" 'the injector is trusted by the API server' \
      'Its certificate authority is missing: kubectl --namespace dapr-system rollout restart deployment/dapr-sidecar-injector'
    policy=$(read_from mutatingwebhookconfigurations dapr-sidecar-injector --output 'jsonpath={.webhooks[0].failurePolicy}')
    if [[ $policy == Fail ]]; then
      ok 'no pod starts without its sidecar'
    else
      warn 'pods start without a sidecar while the injector is unavailable' 'Set dapr_sidecar_injector.webhookFailurePolicy to Fail (infrastructure/dapr/values.yaml).'
    fi
  fi
  metrics=$(read_from apiservices v1beta1.external.metrics.k8s.io --ignore-not-found \
    --output 'jsonpath={.status.conditions[?(@.type=="Available")].status}')
  judge "$([[ $metrics == True ]] && echo true)" 'autoscalers can query KEDA' \
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
      bad "no Dapr component $component" 'The overlay lacks a broker or a store: its kustomization.yaml in k8s/overlays'
  done
  for secret in storefront-secrets dapr-api-token app-api-token operator-token broker-client broker-keda store-client; do
    if [[ -n $(read_from secret "$secret" --namespace "$product" --ignore-not-found --output name) ]]; then
      ok "secret $secret"
    elif grep -qE 'broker-keda' <<<"$secret"; then
      warn "no secret $secret" 'Some brokers need none for KEDA. If its TriggerAuthentication names it: kubectl --namespace purchase-system describe externalsecret'
    else
      bad "no secret $secret" "kubectl --namespace $product describe externalsecret; k8s/components/external-secrets"
    fi
  done
}

# The overlay's version exists only after its release, and a private registry needs a password. Sidecars are init containers.
check_images() {
  local image
  while read -r image; do
    bad "the image $image cannot be pulled" \
      "If it does not exist, release it first (docs/release.md). If the registry is private, create the Secret registry (k8s/components/private-registry). The message: kubectl --namespace $product get events --field-selector reason=Failed"
  done < <(read_from pods --namespace "$product" --output \
    'jsonpath={range .items[*].status.containerStatuses[*]}{.image} {.state.waiting.reason}{"\n"}{end}{range .items[*].status.initContainerStatuses[*]}{.image} {.state.waiting.reason}{"\n"}{end}' |
    sed -nE 's/ (ErrImagePull|ImagePullBackOff|InvalidImageName)$//p' | sort -u)
}

# condition KIND NAME TYPE
condition() { read_from "$1" "$2" --namespace "$product" --ignore-not-found --output "jsonpath={.status.conditions[?(@.type==\"$3\")].status}"; }

check_scaling() {
  local name
  for name in storefront purchase-service; do
    if [[ -z $(read_from scaledobjects.keda.sh "$name" --namespace "$product" --ignore-not-found --output name) ]]; then
      bad "nothing scales $name" 'Its ScaledObject is part of the broker component in the overlay (k8s/overlays).'
      continue
    fi
    judge "$([[ $(condition scaledobjects.keda.sh "$name" Ready) == True ]] && echo true)" "ScaledObject $name is ready" \
      "kubectl --namespace $product describe scaledobject $name; kubectl --namespace keda logs deployment/keda-operator"
    [[ $(condition scaledobjects.keda.sh "$name" Paused) != True ]] ||
      warn "ScaledObject $name is paused" "kubectl --namespace $product annotate scaledobject $name autoscaling.keda.sh/paused- autoscaling.keda.sh/paused-replicas-"
    [[ $(condition scaledobjects.keda.sh "$name" Fallback) != True ]] ||
      bad "ScaledObject $name has no metric and falls back" "Its metric source does not answer: kubectl --namespace $product describe scaledobject $name"
    judge "$([[ $(condition horizontalpodautoscalers "$name" AbleToScale) == True ]] && echo true)" "the autoscaler of $name can scale" \
      "kubectl --namespace $product describe hpa $name"
    judge "$([[ $(condition horizontalpodautoscalers "$name" ScalingActive) == True ]] && echo true)" "the autoscaler of $name gets its metric" \
      "kubectl --namespace $product describe hpa $name"
  done
}

check_kafka() {
  local partitions most rack labelled
  # Skipped for another broker, or a Kafka outside of this cluster.
  [[ -n $(read_from crd kafkas.kafka.strimzi.io --ignore-not-found --output name) ]] || return 0
  [[ -n $(read_from kafkas.kafka.strimzi.io kafka --namespace kafka --ignore-not-found --output name) ]] || return 0
  judge "$([[ $(read_from kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.status.conditions[?(@.type=="Ready")].status}') == True ]] && echo true)" \
    'Kafka is ready' 'kubectl --namespace kafka describe kafka kafka; kubectl --namespace kafka get pods,pvc'
  rack=$(read_from kafkas.kafka.strimzi.io kafka --namespace kafka --output 'jsonpath={.spec.kafka.rack.topologyKey}')
  if [[ -n $rack ]]; then
    labelled=$(read_from nodes --selector "$rack" --output name | grep -c . || true)
    judge "$([[ $labelled -ge 3 ]] && echo true)" "Kafka's brokers can start on $labelled nodes" \
      "Strimzi starts them only on nodes with a zone: kubectl label node NAME $rack=NAME"
  fi
  partitions=$(read_from kafkatopics.kafka.strimzi.io purchase-events --namespace kafka --ignore-not-found --output 'jsonpath={.spec.partitions}')
  most=$(read_from scaledobjects.keda.sh purchase-service --namespace "$product" --ignore-not-found --output 'jsonpath={.spec.maxReplicaCount}')
  if [[ -z $partitions ]]; then
    warn 'no topic purchase-events' 'components/broker-kafka creates it. Another broker does not need Kafka.'
  elif [[ -n $most ]]; then
    judge "$([[ $partitions -ge $most ]] && echo true)" "purchase-events has $partitions partitions for up to $most replicas" \
      'Replicas beyond the number of partitions get no work: raise spec.partitions (k8s/components/broker-kafka/topics.yaml).'
  fi
}

# Dapr's official sidecars report publications as done that RabbitMQ refused or never confirmed. `npm start` refuses them, too.
check_acknowledgements() {
  local type
  type=$(read_from components.dapr.io pubsub --namespace "$product" --ignore-not-found --output 'jsonpath={.spec.type}')
  [[ $type == pubsub.rabbitmq ]] || return 0
  if [[ ${ALLOW_LOST_PURCHASES:-} == true ]]; then
    warn 'RabbitMQ may lose purchases that were accepted' 'ALLOW_LOST_PURCHASES=true accepts that. See docs/portability.md.'
  else
    bad 'RabbitMQ may lose purchases that were accepted' \
      'Use another broker (docs/operators/change-broker.md), or accept the loss: ALLOW_LOST_PURCHASES=true doctor.sh'
  fi
}

check_mongodb() {
  local phase
  [[ -n $(read_from crd mongodbcommunity.mongodbcommunity.mongodb.com --ignore-not-found --output name) ]] || return 0
  [[ -n $(read_from mongodbcommunity mongodb --namespace mongodb --ignore-not-found --output name) ]] || return 0
  phase=$(read_from mongodbcommunity mongodb --namespace mongodb --output 'jsonpath={.status.phase}')
  judge "$([[ $phase == Running ]] && echo true)" "MongoDB is ${phase:-not managed by its operator}" \
    'kubectl --namespace mongodb describe mongodbcommunity mongodb; kubectl --namespace mongodb get pods,pvc'
  [[ -n $(read_from cronjobs backup --namespace mongodb --ignore-not-found --output 'jsonpath={.status.lastSuccessfulTime}') ]] ||
    warn 'MongoDB was never backed up' 'kubectl --namespace mongodb create job --from=cronjob/backup backup-now'
}

check_alerts() {
  [[ -n $(read_from crd alertmanagers.monitoring.coreos.com --ignore-not-found --output name) ]] || return 0
  if [[ -n $(read_from secret alert-receiver --namespace monitoring --ignore-not-found --output 'jsonpath={.data.url}') ]]; then
    ok 'alerts have a receiver'
  else
    warn 'alerts reach no one, because the Secret alert-receiver or its key url is missing' \
      "kubectl --namespace monitoring create secret generic alert-receiver --from-literal url=https://… (it must accept Alertmanager's format: docs/operators/dashboards.md)"
  fi
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

# What the cluster has, because a file that was changed here and not pushed reaches no cluster.
check_installation() {
  local key value there values root
  # shellcheck disable=SC2016 # The variables are those of the template.
  values=$(read_from configmap installation --namespace "$product" --ignore-not-found \
    --output 'go-template={{range $key, $value := .data}}{{$key}}={{$value}}{{"\n"}}{{end}}')
  if [[ -z $values ]]; then
    # The overlays dev and ci have none.
    warn 'the cluster has no values of an installation' 'Staging and production take them from k8s/installation/installation.env: fork, configure, push (k8s/README.md).'
    return 0
  fi
  there=$(grep 'example\.com' <<<"$values" | cut -d= -f1 || true)
  judge "$([[ -z $there ]] && echo true)" "the cluster has the values of this installation${there:+, but still example.com in ${there//$'\n'/, }}" \
    'Set k8s/installation/installation.env, commit it and push it.'
  while IFS='=' read -r key value; do
    there=$(sed -n "s/^$key=//p" <<<"$values")
    # Staging has an address of its own.
    [[ $there == "$value" || ($key == PUBLIC_URL && $there == "$(installation_value STAGING_URL)") ]] ||
      bad "the cluster has $key=${there:-(nothing)}, and this checkout $value" \
        'Commit k8s/installation/installation.env and push it; production gets it with npm run release -- promote. Or update this checkout.'
  done < <(grep -E '^[A-Z_]+=' "$folder/../installation/installation.env" 2>/dev/null || true)
  root=$(read_from applications.argoproj.io root --namespace argocd --ignore-not-found --output 'jsonpath={.spec.source.repoURL}')
  [[ -z $root ]] || judge "$([[ $root == "$(sed -n 's/^REPOSITORY=//p' <<<"$values")" ]] && echo true)" "Argo CD follows $root" \
    'The installation names another repository. Hand over to it: apply-applications.sh.'
}

# What brings shoppers to the storefront: an HTTPRoute or an Ingress, and pods that the network policy admits.
check_gateway() {
  local accepted programmed address namespace selector admitted=''
  if [[ -n $(read_from httproutes.gateway.networking.k8s.io storefront --namespace "$product" --ignore-not-found --output name) ]]; then
    programmed=$(read_from gateways.gateway.networking.k8s.io public --namespace gateway --ignore-not-found --output 'jsonpath={.status.conditions[?(@.type=="Programmed")].status}')
    judge "$([[ $programmed == True ]] && echo true)" 'the Gateway public works' \
      'kubectl --namespace gateway describe gateway public; k8s/components/README.md says how to create it.'
    accepted=$(read_from httproutes.gateway.networking.k8s.io storefront --namespace "$product" --output 'jsonpath={.status.parents[*].conditions[?(@.type=="Accepted")].status}')
    judge "$([[ $accepted == True ]] && echo true)" 'the Gateway accepts the route to the storefront' \
      "kubectl --namespace $product describe httproute storefront. The Gateway must admit routes of $product."
  elif [[ -n $(read_from ingresses.networking.k8s.io storefront --namespace "$product" --ignore-not-found --output name) ]]; then
    address=$(read_from ingresses.networking.k8s.io storefront --namespace "$product" --output 'jsonpath={.status.loadBalancer.ingress[*]}')
    judge "$([[ -n $address ]] && echo true)" 'the Ingress of the storefront has an address' \
      "No controller serves its class: kubectl --namespace $product describe ingress storefront"
  else
    warn 'no route and no Ingress lead to the storefront' \
      'The overlay chooses a gateway (k8s/components/README.md). A route needs the Gateway API: kubectl get crd httproutes.gateway.networking.k8s.io'
    return 0
  fi
  # Cilium's proxy is no pod, and has a policy of another kind.
  [[ -n $(read_from networkpolicies.networking.k8s.io gateway --namespace "$product" --ignore-not-found --output name) ]] || return 0
  # shellcheck disable=SC2016 # The variables are those of the template.
  while read -r namespace selector; do
    [[ -z $(read_from pods --namespace "$namespace" --selector "${selector%,}" --output name) ]] || admitted+=$namespace
  done < <(read_from networkpolicies.networking.k8s.io gateway --namespace "$product" --output \
    'go-template={{range (index .spec.ingress 0).from}}{{index .namespaceSelector.matchLabels "kubernetes.io/metadata.name"}} {{range $key, $value := .podSelector.matchLabels}}{{$key}}={{$value}},{{end}}{{"\n"}}{{end}}')
  judge "$([[ -n $admitted ]] && echo true)" 'the network policy admits pods of a gateway' \
    "No pods match it: kubectl --namespace $product describe networkpolicy gateway. Choose the component of your gateway in the overlay."
}

if check_cluster; then
  check_installation
  check_definitions
  check_operators
  check_webhooks
  check_product
  check_images
  check_gateway
  check_scaling
  check_kafka
  check_acknowledgements
  check_mongodb
  check_alerts
  check_volumes
  check_applications
fi

trap - EXIT
say
if [[ $failures -gt 0 ]]; then
  say "Failures: $failures. Warnings: $warnings."
  exit 1
fi
say "Failures: 0. Warnings: $warnings."
