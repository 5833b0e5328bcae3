/** A change that makes a rule wrong, and the test that has to notice. */
export type Mutation = {
  what: string;
  /** Of which file of rules. */
  of: 'alerts' | 'slo' | 'lag' | 'scaling-query';
  /** Of the rules of that name. */
  rule: string;
  /** `expr` unless it says `for`. */
  part?: 'expr' | 'for';
  from: string;
  to: string;
  noticedBy: { file: string; test: string };
};

type Change = Pick<Mutation, 'what' | 'from' | 'to' | 'part'>;

/** Of a file of rules that one file tests. */
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

/** The mistakes that are easily made: one for each alert at least, and one for each way of being wrong. */
export const mutations: readonly Mutation[] = [
  scalingQuery('scaling_query', 'is zero before the first request, and not a failed query', {
    what: 'no arm for a count that has no series yet',
    from: ' or 0 * sum(up{namespace="purchase-system",job="storefront"} == 1)) + ',
    to: ') + ',
  }),
  scalingQuery('scaling_query', 'has no result when scrapes fail, so that KEDA falls back', {
    what: 'targets that do not answer count as idle',
    from: ' == 1)',
    to: ')',
  }),
  scalingQuery('scaling_query', 'includes refused requests', {
    what: 'what was refused is no work',
    from: 'http_requests_refused_total',
    to: 'http_requests_in_flight',
  }),
  scalingQuery('scaling_query', 'ignores requests to other services', {
    what: 'another job',
    from: 'http_requests_total{namespace="purchase-system",job="storefront"',
    to: 'http_requests_total{namespace="purchase-system",job="purchase-service"',
  }),
  scalingQuery('scaling_query', 'shows no burst and no negative rate when a process restarts', {
    what: 'a difference in place of a rate',
    from: 'rate(http_requests_total',
    to: 'delta(http_requests_total',
  }),
  lag('PurchaseLagBeyondScaling', 'stays silent when the backlog is exactly ten pods of ten each', {
    what: 'what ten pods can do is too much',
    from: '> 10 * 10',
    to: '>= 10 * 10',
  }),
  lag(
    'PurchaseLagBeyondScaling',
    'warns when the backlog exceeds ten pods of ten each for more than ten minutes',
    {
      what: 'KEDA’s namespace for ours',
      from: 'exported_namespace="purchase-system"',
      to: 'namespace="purchase-system"',
    },
  ),
  lag('PurchaseLagBeyondScaling', 'stays silent about a burst that ends within ten minutes', {
    what: 'at once',
    part: 'for',
    from: '10m',
    to: '5m',
  }),
  lag('PurchaseLagBeyondScaling', 'warns although KEDA’s other pod takes over meanwhile', {
    what: 'each of KEDA’s pods for itself',
    from: 'max by (scaledObject) (',
    to: '(',
  }),
  availability(
    'slo:failures:rate5m',
    'is critical when requests are refused, which only the counter of refusals shows',
    {
      what: 'what was refused did not fail',
      from: 'http_requests_refused_total',
      to: 'http_requests_in_flight',
    },
  ),
  availability('slo:events:rate5m', 'is critical when all requests are refused from the start', {
    what: 'no arm for a count that has no series yet',
    from: ' or vector(0)',
    to: '',
  }),
  availability(
    'StorefrontAvailabilityBudgetBurning',
    'stays silent when one of few requests fails on a quiet night',
    {
      what: 'one failure wakes somebody up',
      from: '* 30 >= 10',
      to: '* 30 >= 0',
    },
  ),
  latency('slo:failures:rate5m', 'leaves failed purchases to the availability alert', {
    what: 'what failed is slow',
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
      what: 'a bound as Prometheus 3 does not write it',
      from: 'le=~"5|5[.]0"',
      to: 'le="5"',
    },
  ),
  freshness(
    'PurchaseFreshnessBudgetBurning',
    'stays silent when one of few purchases is late on a quiet night',
    {
      what: 'one failure wakes somebody up',
      from: '* 30 >= 10',
      to: '* 30 >= 0',
    },
  ),
  windows(
    'slo:budget_burn:rate3d',
    'stays silent when three requests in a thousand fail for six hours after days without failures',
    {
      what: 'a window that is too short',
      from: '[3d]',
      to: '[6h]',
    },
  ),
  windows(
    'StorefrontAvailabilityBudgetBurning',
    'warns while two requests in a thousand fail for three days, and then stops',
    {
      what: 'no short window that says that it goes on',
      from: 'slo:budget_burn:rate6h{slo="storefront-availability"} > 1 ',
      to: 'slo:budget_burn:rate3d{slo="storefront-availability"} > 1 ',
    },
  ),
  purchases('PurchasesNotPlaced', 'is critical when a fifth of the purchases is not acknowledged', {
    what: 'one outcome of two',
    from: 'purchases_not_placed_total{',
    to: 'purchases_not_placed_total{outcome="not-confirmed",',
  }),
  purchases('PurchasesNotPlaced', 'stays silent when one of many is not acknowledged now and then', {
    what: 'a share that is too small',
    from: '> 0.05',
    to: '> 0.005',
  }),
  purchases('PurchasesNotRecorded', 'stays silent when all events are duplicates', {
    what: 'what was recorded before counts as lost',
    from: ' + sum(rate(purchase_duplicates_total{namespace="purchase-system",job="purchase-service"}[10m]))',
    to: '',
  }),
  purchases(
    'PurchasesNotRecorded',
    'stays silent about recording when the purchase-services stop, because another alert fires',
    {
      what: 'what is not seen is nothing',
      from: ' == 0',
      to: ' == 0 or absent(up{job="purchase-service"})',
    },
  ),
  purchases('PurchaseEventsRetried', 'stays silent when a few deliveries are retried', {
    what: 'too few',
    from: '> 10',
    to: '> 5',
  }),
  purchases('DeadLettersArrived', 'warns about the first dead letter of its kind in a process', {
    what: 'the first of a process is not seen',
    from: 'unless last_over_time',
    to: 'and last_over_time',
  }),
  purchases('DeadLettersArrived', 'stays silent about old dead letters after a failed scrape', {
    what: 'a scrape that failed makes old ones new',
    from: 'last_over_time(dead_letters_total{namespace="purchase-system",job="purchase-service"}[5m] offset 15m)',
    to: 'dead_letters_total offset 15m',
  }),
  purchases('PurchasesInConflict', 'stays silent about an old conflict', {
    what: 'a count in place of an increase',
    from: 'increase(purchase_conflicts_total{namespace="purchase-system",job="purchase-service"}[15m])',
    to: 'purchase_conflicts_total{namespace="purchase-system",job="purchase-service"}',
  }),
  pods('ServiceUnseen', 'is critical when the purchase-service answers no scrape', {
    what: 'a target that does not answer is seen',
    from: ' == 1)',
    to: ')',
  }),
  pods('SidecarUnseen', 'warns about a sidecar that answers no scrape', {
    what: 'a sidecar that does not answer is seen',
    from: 'job="dapr-sidecar"} == 1',
    to: 'job="dapr-sidecar"}',
  }),
  pods('HealthCheckFailing', 'stays silent when a check fails for a moment', {
    what: 'at once',
    part: 'for',
    from: '5m',
    to: '1m',
  }),
  pods('ContainersRestarting', 'warns when a sidecar, which is an init container, ends three times', {
    what: 'sidecars are not init containers',
    from: 'kube_pod_init_container',
    to: 'kube_pod_container',
  }),
  pods('PodNotReady', 'stays silent about a completed job', {
    what: 'a job that is done is not ready',
    from: 'phase="Succeeded"',
    to: 'phase="Running"',
  }),
  scaling('ReplicasAtMaximum', 'stays silent below the maximum of replicas', {
    what: 'one less than all',
    from: '>= kube',
    to: '>= -1 + kube',
  }),
  scaling('ScalerFailing', 'stays silent when the scaler failed three times', {
    what: 'three failures are no fallback yet',
    from: '> 3',
    to: '> 2',
  }),
  scaling('ScalerUnseen', 'stays silent about a paused ScaledObject, which KEDA does not query', {
    what: 'what is paused is missed',
    from: 'keda_scaled_object_paused{exported_namespace="purchase-system"} == 1',
    to: 'keda_scaled_object_paused{exported_namespace="purchase-system"} == 2',
  }),
  scaling('ScalingPaused', 'stays silent when scaling is paused for half an hour', {
    what: 'too soon',
    part: 'for',
    from: '1h',
    to: '20m',
  }),
  dapr('SidecarCannotPublish', 'warns when sidecars cannot publish single events and batches', {
    what: 'many at once are not counted',
    from: 'label_replace(increase(dapr_component_pubsub_egress_bulk_count{namespace="purchase-system",success="false"}[10m]), "call", "bulk", "", "")',
    to: 'increase(dapr_component_pubsub_egress_bulk_count{namespace="purchase-system",success="false"}[10m])',
  }),
  dapr('DaprCertificateExpiring', 'stays silent when they expire in more than thirty days', {
    what: 'too soon',
    from: '30 * 86400',
    to: '40 * 86400',
  }),
];
