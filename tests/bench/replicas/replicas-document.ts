import { workers } from '../results.js';
import { numberText } from '../report/figure-text.js';
import { withoutComparison } from '../report/machine.js';
import { percentile } from '../report/statistics.js';
import { figureColumns, renderTable } from '../report/table.js';
import type { MeasuredReplicas } from './measure-replicas.js';
import type { ReplicasResult } from './run-replicas.js';
import type { SimulatedReplicas } from './simulate-replicas.js';

/** The page about several purchase-services on one topic. */
export function replicasDocument({
  startedAt,
  machine,
  backlog,
  partitions,
  result: { measured, costs, simulated },
}: {
  startedAt: string;
  machine: Readonly<Record<string, string>>;
  backlog: number;
  partitions: number;
  result: ReplicasResult;
}): string {
  const middle = (values: readonly number[]) => `${numberText(percentile(values, 50))} ms`;
  return `${[
    '# Several purchase-services',
    `How fast several replicas of the purchase-service record together, and what they lose to each other. \`npm run bench -- --replicas\`\n` +
      `writes this file, on ${startedAt.slice(0, 10)}.`,
    '## On one machine',
    `${String(backlog)} events of 1000 shoppers wait in ${String(partitions)} partitions when all replicas start. Kafka, the store, all replicas and\n` +
      'their sidecars share the processors of one machine, so more replicas cannot record more there than its processors allow. The\n' +
      'table shows what they add to the work for a purchase. It begins when every replica records.',
    measuredTable(measured),
    bottleneckOf(measured),
    '## Beyond one machine',
    "Simulated: the service's own code in virtual time, over a store in memory. Each call takes as long as one that was measured in an\n" +
      `otherwise idle system: a create ${middle(costs.createMs)}, a read ${middle(costs.readMs)} (p50). A purchase takes ${numberText(costs.threadMs)} ms of a replica's only thread, as\n` +
      'measured with one replica. The store and the broker have no limits here, so this shows the limits of the protocol: each of the\n' +
      `${String(partitions)} partitions delivers one event at a time.`,
    simulatedTable(simulated),
    'Without claims, replicas append to the shard that their name hashes to, and some share one. Then the replica that is slower has to\n' +
      'read the end of the shard and to create its segment again.',
    '## Conditions',
    renderTable(
      [
        { title: 'Part', align: 'left' },
        { title: 'Value', align: 'left' },
      ],
      Object.entries(withoutComparison(machine)),
    ),
  ].join('\n\n')}\n`;
}

const perPurchase = (value: number | undefined, { purchases }: MeasuredReplicas) =>
  numberText((value ?? Number.NaN) / purchases);

const totalOf = ({ processorMs }: MeasuredReplicas) =>
  Object.values(processorMs).reduce((sum, ms) => sum + ms, 0);

function measuredTable(measured: readonly MeasuredReplicas[]): string {
  const row = (name: string, valueOf: (one: MeasuredReplicas) => string) => [name, ...measured.map(valueOf)];
  const ran = workers.filter((worker) => measured.some(({ processorMs }) => worker in processorMs));
  return renderTable(figureColumns('Replicas', ...measured.map(({ replicas }) => String(replicas))), [
    row('purchases per second', ({ purchases, seconds }) => numberText(purchases / seconds)),
    row('busy cores', (one) => numberText(totalOf(one) / 1_000 / one.seconds)),
    ...ran.map((worker) =>
      row(`${worker}: ms of processor time per purchase`, (one) => perPurchase(one.processorMs[worker], one)),
    ),
    row('all: ms of processor time per purchase', (one) => perPurchase(totalOf(one), one)),
    row('shards of the journal in use', ({ shards }) => String(shards)),
    row('refused writes per 100 purchases', (one) => perPurchase(100 * one.refused, one)),
    row('time of refused writes, ms per purchase', (one) => perPurchase(one.refusedMs, one)),
    row('partitions that moved meanwhile', ({ moves }) => String(moves)),
  ]);
}

function bottleneckOf(measured: readonly MeasuredReplicas[]): string {
  const last = measured.at(-1);
  if (last === undefined) return '';
  const [[worker, ms] = ['', 0]] = Object.entries(last.processorMs).sort(([, one], [, other]) => other - one);
  const share = Math.round((100 * ms) / totalOf(last));
  return `The bottleneck is the processors: with ${String(last.replicas)} replicas, the largest part of their time is that of the ${worker} (${String(share)} %).`;
}

function simulatedTable(simulated: readonly SimulatedReplicas[]): string {
  const counts = [...new Set(simulated.map(({ replicas }) => replicas))];
  const row = (name: string, isClaimed: boolean, valueOf: (one: SimulatedReplicas) => string) => [
    name,
    ...counts.map((count) => {
      const found = simulated.find((one) => one.replicas === count && one.isClaimed === isClaimed);
      return found === undefined ? '–' : valueOf(found);
    }),
  ];
  return renderTable(figureColumns('Replicas', ...counts.map(String)), [
    row('purchases per second', true, ({ perSecond }) => numberText(perSecond)),
    row('shards in use', true, ({ shards }) => String(shards)),
    row('refused writes per 100 purchases', true, ({ refusedPerHundred }) => numberText(refusedPerHundred)),
    row('without claims: purchases per second', false, ({ perSecond }) => numberText(perSecond)),
    row('without claims: shards in use', false, ({ shards }) => String(shards)),
    row('without claims: refused writes per 100', false, ({ refusedPerHundred }) =>
      numberText(refusedPerHundred),
    ),
    row('without claims: their time, ms per purchase', false, ({ lostMsPerPurchase }) =>
      numberText(lostMsPerPurchase),
    ),
  ]);
}
