import type { RuleFile } from './rule-files.js';

/** A change that breaks a rule, and the test that must notice it. */
export type Mutation = {
  what: string;
  /** The rule file. */
  of: 'alerts' | 'slo' | 'lag' | 'scaling-query';
  /** The name of the rules. */
  rule: string;
  /** The changed field: `expr` by default. */
  part?: 'expr' | 'for';
  from: string;
  to: string;
  noticedBy: { file: string; test: string };
};

type Change = Pick<Mutation, 'what' | 'from' | 'to' | 'part'>;

/** Creates mutations of a rule file that a test file tests. */
const tested =
  (of: Mutation['of'], file: string) =>
  (rule: string, test: string, change: Change): Mutation => ({
    of,
    rule,
    noticedBy: { file, test },
    ...change,
  });

const scalingQuery = tested('scaling-query', 'scaling-query');
const lag = tested('lag', 'lag');
const availability = tested('slo', 'slo-availability');
const latency = tested('slo', 'slo-buying-latency');
const freshness = tested('slo', 'slo-purchase-freshness');
const windows = tested('slo', 'slo-windows');
const purchases = tested('alerts', 'alerts-purchases');
const pods = tested('alerts', 'alerts-pods');
const scaling = tested('alerts', 'alerts-scaling');
const dapr = tested('alerts', 'alerts-dapr');
const data = tested('alerts', 'alerts-data');

/** Typical mistakes: at least one for each alert, and one for each kind of mistake. */
export const mutations: readonly Mutation[] = [
  scalingQuery('scaling_query', 'is zero before the first request, and not a failed query', {
    what: 'no default for a counter without series',
    from: ' or 0 * sum(up{namespace="purchase-system",job="storefront"} == 1)) + ',
    to: ') + ',
  }),
  scalingQuery('scaling_query', 'has no result when scrapes fail, so that KEDA falls back', {
    what: 'unreachable targets count as idle',
    from: ' == 1)',
    to: ')',
  }),
  scalingQuery('scaling_query', 'includes refused requests', {
    what: 'refused requests do not count as load',
    from: 'http_requests_refused_total',
    to: 'http_requests_in_flight',
  }),
  scalingQuery('scaling_query', 'ignores requests to other services', {
    what: 'the requests of another service',
    from: 'http_requests_total{namespace="purchase-system",job="storefront"',
    to: 'http_requests_total{namespace="purchase-system",job="purchase-service"',
  }),
  scalingQuery('scaling_query', 'shows no burst and no negative rate when a process restarts', {
    what: 'a difference instead of a rate',
    from: 'rate(http_requests_total',
    to: 'delta(http_requests_total',
  }),
  lag('PurchaseLagBeyondScaling', 'stays silent when the backlog is exactly ten pods of ten each', {
    what: 'the lag that ten pods can handle is too much',
    from: '> 10 * 10',
    to: '>= 10 * 10',
  }),
  lag(
    'PurchaseLagBeyondScaling',
    'warns when the backlog exceeds ten pods of ten each for more than ten minutes',
    {
      what: 'KEDA’s namespace instead of ours',
      from: 'exported_namespace="purchase-system"',
      to: 'namespace="purchase-system"',
    },
  ),
  lag('PurchaseLagBeyondScaling', 'stays silent about a burst that ends within ten minutes', {
    what: 'too short a delay',
    part: 'for',
    from: '10m',
    to: '5m',
  }),
  lag('PurchaseLagBeyondScaling', 'warns although KEDA’s other pod takes over meanwhile', {
    what: 'each of KEDA’s pods separately',
    from: 'max by (scaledObject) (',
    to: '(',
  }),
  availability(
    'slo:failures:rate5m',
    'is critical when requests are refused, which only the counter of refusals shows',
    {
      what: 'refused requests do not count as failures',
      from: 'http_requests_refused_total',
      to: 'http_requests_in_flight',
    },
  ),
  availability('slo:events:rate5m', 'is critical when all requests are refused from the start', {
    what: 'no default for a counter without series',
    from: ' or vector(0)',
    to: '',
  }),
  availability(
    'StorefrontAvailabilityBudgetBurning',
    'stays silent when one of few requests fails on a quiet night',
    {
      what: 'a single failure raises the alert',
      from: '* 30 >= 10',
      to: '* 30 >= 0',
    },
  ),
  latency('slo:failures:rate5m', 'leaves failed purchases to the availability alert', {
    what: 'failed requests count as slow',
    from: ',status!~"5.."',
    to: '',
  }),
  latency('BuyingLatencyBudgetBurning', 'stays silent when exactly the allowed share is slow', {
    what: 'no budget',
    from: '> 1 ',
    to: '> 0.5 ',
  }),
  freshness(
    'slo:failures:rate5m',
    'is critical when Prometheus 3 writes the bound of five seconds differently',
    {
      what: 'a bound that Prometheus 3 writes differently',
      from: 'le=~"5|5[.]0"',
      to: 'le="5"',
    },
  ),
  freshness(
    'PurchaseFreshnessBudgetBurning',
    'stays silent when one of few purchases is late on a quiet night',
    {
      what: 'a single failure raises the alert',
      from: '* 30 >= 10',
      to: '* 30 >= 0',
    },
  ),
  windows(
    'slo:budget_burn:rate3d',
    'stays silent when three requests in a thousand fail for six hours after days without failures',
    {
      what: 'too short a window',
      from: '[3d]',
      to: '[6h]',
    },
  ),
  windows(
    'StorefrontAvailabilityBudgetBurning',
    'warns while two requests in a thousand fail for three days, and then stops',
    {
      what: 'no short window, which shows that failures continue',
      from: 'slo:budget_burn:rate6h{slo="storefront-availability"} > 1 ',
      to: 'slo:budget_burn:rate3d{slo="storefront-availability"} > 1 ',
    },
  ),
  purchases('PurchasesNotPlaced', 'is critical when a fifth of the purchases is not acknowledged', {
    what: 'only one of two outcomes',
    from: 'purchases_not_placed_total{',
    to: 'purchases_not_placed_total{outcome="not-confirmed",',
  }),
  purchases('PurchasesNotPlaced', 'stays silent when one of many is not acknowledged now and then', {
    what: 'too small a share',
    from: '> 0.05',
    to: '> 0.005',
  }),
  purchases('PurchasesNotRecorded', 'stays silent when all events are duplicates', {
    what: 'duplicates count as lost',
    from: ' + sum(rate(purchase_duplicates_total{namespace="purchase-system",job="purchase-service"}[10m]))',
    to: '',
  }),
  purchases(
    'PurchasesNotRecorded',
    'stays silent about recording when the purchase-services stop, because another alert fires',
    {
      what: 'missing metrics count as zero',
      from: ' == 0',
      to: ' == 0 or absent(up{job="purchase-service"})',
    },
  ),
  purchases('PurchaseEventsRetried', 'stays silent when a few deliveries are retried', {
    what: 'too few retries',
    from: '> 10',
    to: '> 5',
  }),
  purchases('DeadLettersArrived', 'warns about the first dead letter of its kind in a process', {
    what: 'the first dead letter of a process is missed',
    from: 'unless last_over_time',
    to: 'and last_over_time',
  }),
  purchases('DeadLettersArrived', 'stays silent about old dead letters after a failed scrape', {
    what: 'a failed scrape makes old dead letters new',
    from: 'last_over_time(dead_letters_total{namespace="purchase-system",job="purchase-service"}[5m] offset 15m)',
    to: 'dead_letters_total offset 15m',
  }),
  purchases('PurchasesInConflict', 'stays silent about an old conflict', {
    what: 'a count instead of an increase',
    from: 'increase(purchase_conflicts_total{namespace="purchase-system",job="purchase-service"}[15m])',
    to: 'purchase_conflicts_total{namespace="purchase-system",job="purchase-service"}',
  }),
  pods('VolumeFillingUp', 'warns when a broker’s volume is filling up, and is critical when it is full', {
    what: 'it warns too late',
    from: '> 0.8',
    to: '> 0.9',
  }),
  pods('VolumeFull', 'stays silent about full volumes of other programs', {
    what: 'the volumes of all programs',
    from: '{namespace=~"kafka|nats|rabbitmq|redis|mongodb|postgresql"}',
    to: '{namespace=~".+"}',
  }),
  pods('ServiceUnseen', 'is critical when the purchase-service answers no scrape', {
    what: 'an unreachable target counts as seen',
    from: ' == 1)',
    to: ')',
  }),
  pods('SidecarUnseen', 'warns about a sidecar that answers no scrape', {
    what: 'an unreachable sidecar counts as seen',
    from: 'job="dapr-sidecar"} == 1',
    to: 'job="dapr-sidecar"}',
  }),
  pods('HealthCheckFailing', 'stays silent when a check fails for a moment', {
    what: 'too short a delay',
    part: 'for',
    from: '5m',
    to: '1m',
  }),
  pods('ContainersRestarting', 'warns when a sidecar, which is an init container, ends three times', {
    what: 'only ordinary containers',
    from: 'kube_pod_init_container',
    to: 'kube_pod_container',
  }),
  pods('PodNotReady', 'stays silent about a completed job', {
    what: 'a completed job counts as not ready',
    from: 'phase="Succeeded"',
    to: 'phase="Running"',
  }),
  scaling('ReplicasAtMaximum', 'stays silent below the maximum of replicas', {
    what: 'one replica fewer',
    from: '>= kube',
    to: '>= -1 + kube',
  }),
  scaling('ScalerFailing', 'stays silent when the scaler failed three times', {
    what: 'a fallback after two failures',
    from: '> 3',
    to: '> 2',
  }),
  scaling('ScalerUnseen', 'stays silent about a paused ScaledObject, which KEDA does not query', {
    what: 'paused ScaledObjects count as unseen',
    from: 'keda_scaled_object_paused{exported_namespace="purchase-system"} == 1',
    to: 'keda_scaled_object_paused{exported_namespace="purchase-system"} == 2',
  }),
  scaling('ScalingPaused', 'stays silent when scaling is paused for half an hour', {
    what: 'too short a time',
    part: 'for',
    from: '1h',
    to: '20m',
  }),
  dapr('SidecarCannotPublish', 'warns when sidecars cannot publish single events and batches', {
    what: 'batches do not count separately',
    from: 'label_replace(increase(dapr_component_pubsub_egress_bulk_count{namespace="purchase-system",success="false"}[10m]), "call", "bulk", "", "")',
    to: 'increase(dapr_component_pubsub_egress_bulk_count{namespace="purchase-system",success="false"}[10m])',
  }),
  dapr('DaprCertificateExpiring', 'stays silent when they expire in more than thirty days', {
    what: 'too short a time',
    from: '30 * 86400',
    to: '40 * 86400',
  }),
  data('BackupOverdue', 'warns when no backup has ever succeeded', {
    what: 'a backup that never succeeded is not late',
    from: ' or kube_cronjob_created{namespace="mongodb",cronjob="backup"}',
    to: '',
  }),
  data('StoreMembersMissing', 'stays silent while a member restarts', {
    what: 'it does not wait for a restart',
    part: 'for',
    from: '10m',
    to: '0s',
  }),
  data('KafkaCopiesMissing', 'warns when partitions lack copies for ten minutes', {
    what: 'it shows one partition instead of all',
    from: 'sum(',
    to: 'max(',
  }),
  data('KafkaCertificateExpiring', 'warns when Strimzi did not renew a certificate', {
    what: 'milliseconds count as seconds',
    from: ' / 1000',
    to: '',
  }),
  data('KafkaUnseen', 'stays silent without backups in this cluster', {
    what: 'another broker counts as a Kafka without metrics',
    from: ' and on () kube_deployment_spec_replicas{namespace="kafka",deployment="kafka-kafka-exporter"} > 0',
    to: '',
  }),
  data('KafkaUsersUnmanaged', "warns when nothing renews the certificates of Kafka's users", {
    what: 'another deployment of Kafka',
    from: 'kafka-entity-operator',
    to: 'kafka-kafka-exporter',
  }),
  data('SecretNotCopied', 'warns when a secret of the product is not copied, not one of others', {
    what: 'the namespace is that of external-secrets',
    from: 'exported_namespace="purchase-system"',
    to: 'namespace="purchase-system"',
  }),
];

/** The rules with one mistake. Throws if the mutation changes nothing. */
export function mutated(file: RuleFile, { rule: name, part = 'expr', from, to }: Mutation): RuleFile {
  let changes = 0;
  const groups = file.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => {
      const text = rule[part];
      if ((rule.alert ?? rule.record) !== name || text?.includes(from) !== true) return rule;
      changes += 1;
      return { ...rule, [part]: text.replaceAll(from, to) };
    }),
  }));
  if (changes === 0) throw new Error(`${name} does not contain ${from}`);
  return { groups };
}
