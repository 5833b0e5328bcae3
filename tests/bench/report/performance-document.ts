import { backlogShoppers } from '../load/backlog.js';
import { askedCount, historyLength } from '../measures/pages.js';
import { refusedClients } from '../measures/refuse.js';
import { requestsMax } from '../pipelines/pipeline.js';
import { rateOf, type AcceptRound, type Results } from '../results.js';
import { figureText, numberText } from './figure-text.js';
import { processorTable } from './processor-table.js';
import { compare, comparisonCells, type Comparison } from './rounds.js';
import { figureOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The goals: throughput relative to the pipeline without sidecars, time to refuse, and page limits. */
export const targets = { accept: 0.7, drain: 0.6, refusalMs: 50, pageMs: 50, pageBytes: 100_000 } as const;

/** The page about a run: every figure with its meaning, the machine, and the command to repeat it. */
export function performanceDocument(results: Results): string {
  return `${[
    '# Performance',
    'What the sidecars cost: the system on Kafka and MongoDB, beside the same work without sidecars. Both were measured in one\n' +
      'run, in turn, on one machine with the same broker and store. The figures are for comparing the two columns of one run;\n' +
      'they say little about another machine. This file is written by `npm run bench`.',
    summaryOf(results),
    ...acceptPart(results),
    ...drainPart(results),
    ...freshnessPart(results),
    ...refusePart(results),
    ...pagesPart(results),
    ...processorPart(results),
    ...tuningPart(),
    ...conditionsPart(results),
  ].join('\n\n')}\n`;
}

function summaryOf({ accept, drain }: Results): string {
  const row = (name: string, comparison: Comparison, target: number): string[] => [
    name,
    ...comparisonCells(comparison),
    `≥ ${target}: ${comparison.ratio.median >= target ? 'met' : 'missed'}`,
  ];
  return renderTable(figureColumns('Purchases a second', 'with sidecars', 'without', 'ratio', 'target'), [
    ...byClients(accept).map(([clients, rounds]) =>
      row(`accepted, ${clients} at once`, compare(rounds, rateOf), targets.accept),
    ),
    row('recorded from a backlog', compare(drain, rateOf), targets.drain),
  ]);
}

function acceptPart({ accept }: Results): string[] {
  return [
    '## Accepting',
    'Signed-in shoppers send `POST /api/purchases` to the storefront and get a 202 when Kafka has the event on all in-sync\n' +
      'replicas. So many clients each send their next order when the last one is answered. Without sidecars it is the same\n' +
      'storefront in a process of its own, publishing with a producer of kafkajs: one send a request, the same key, the same\n' +
      'event. Nothing consumes meanwhile, on either side. Milliseconds until the answer:',
    renderTable(
      figureColumns('Clients', 'p50 with sidecars', 'p50 without', 'p99 with sidecars', 'p99 without'),
      byClients(accept).map(([clients, rounds]) => {
        const [p50, p99] = [compare(rounds, (each) => each.p50Ms), compare(rounds, (each) => each.p99Ms)];
        return [String(clients), ...[p50.sidecars, p50.direct, p99.sidecars, p99.direct].map(figureText)];
      }),
    ),
  ];
}

function drainPart({ settings, drain }: Results): string[] {
  const seconds = compare(drain, (round) => round.seconds);
  return [
    '## Recording',
    `${settings.backlog} events of ${backlogShoppers} shoppers wait, evenly in all partitions, when one purchase-service and its sidecar\n` +
      'start. It checks each for repeats and appends it to two logs. Without sidecars a consumer of kafkajs inserts each\n' +
      'purchase as one document, with no check but its `_id`: as many partitions at once, every write acknowledged by the\n' +
      `majority. Measured from the first record to the last, without the start: ${figureText(seconds.sidecars)} s with sidecars,\n` +
      `${figureText(seconds.direct)} s without.`,
  ];
}

function freshnessPart({ freshness }: Results): string[] {
  const [p50, p99] = [compare(freshness, ({ p50Ms }) => p50Ms), compare(freshness, ({ p99Ms }) => p99Ms)];
  const perSecond = freshness[0]?.perSecond ?? 0;
  return [
    '## Freshness',
    `From placing a purchase to writing its record, with ${perSecond} purchases a second on both sides: half of what the system\n` +
      'can accept and record at the same time on this machine. In milliseconds:',
    renderTable(figureColumns('From placed to recorded', 'with sidecars', 'without', 'ratio'), [
      ['p50', ...comparisonCells(p50)],
      ['p99', ...comparisonCells(p99)],
    ]),
  ];
}

function refusePart({ refuse }: Results): string[] {
  const [p50, p99] = [figureOf(refuse.map(({ p50Ms }) => p50Ms)), figureOf(refuse.map(({ p99Ms }) => p99Ms))];
  return [
    '## Refusing',
    `A storefront that holds the ${requestsMax} requests it takes at once, because its sidecar does not answer, refuses all others. From\n` +
      `asking to the 503, with ${refusedClients} clients who ask again at once: ${figureText(p50)} ms (p50), ${figureText(p99)} ms (p99). The target\n` +
      `is below ${targets.refusalMs} ms: ${p99.median < targets.refusalMs ? 'met' : 'missed'}.`,
  ];
}

function pagesPart({ pages }: Results): string[] {
  const isMet = pages.every(({ bytes, p99Ms }) => bytes <= targets.pageBytes && p99Ms < targets.pageMs);
  return [
    '## Pages',
    `One shopper, who has bought ${historyLength} times and is an operator, asks for each page ${askedCount} times, one after the other. Milliseconds\n` +
      'until the storefront has answered, sidecars and store included, and kilobytes with style sheet, scripts and all pictures,\n' +
      `as they are sent. The targets are below ${targets.pageMs} ms (p99) and at most ${targets.pageBytes / 1_000} kB: ${isMet ? 'met' : 'missed'}.`,
    renderTable(
      figureColumns('Page', 'kB', 'p50', 'p99'),
      pages.map(({ page, bytes, p50Ms, p99Ms }) => [page, ...[bytes / 1_000, p50Ms, p99Ms].map(numberText)]),
    ),
  ];
}

function processorPart(results: Results): string[] {
  return [
    '## Processor time',
    'Who spends how much of it on one purchase, from /proc: while purchases are accepted from the most clients, while a\n' +
      'backlog is recorded, and while purchases are placed and recorded at the rate above. The benchmark shares the machine:\n' +
      'it makes the load and reads what the services log. Where all cores are busy, what takes less time is what is faster.',
    processorTable(results),
  ];
}

/** Explanations of the figures, without numbers, which would come from other runs. */
function tuningPart(): string[] {
  return [
    '## What was tried',
    [
      "- Where the time goes: accepting is bound by the storefront's one thread, with and without sidecars. Recording is bound",
      '  by all processors together: each event is an HTTP request from the sidecar and a share of one to it, and the store',
      "  does more for Dapr's conditional update of a document (an upsert by an aggregation pipeline) than for an insert.",
      '- Kept: publications that come together share a call to the sidecar, and so do creates, two calls at a time. Without the',
      '  first, accepting from many clients stayed below the target. (The producer without sidecars sends each on its own.)',
      '  Kept: deliveries are answered before Express, which took a third of the time that one cost the recorder; without that,',
      '  recording stayed below the target. Kept: deliveries that succeed are not logged, a call has no timer that outlives it,',
      "  and a new log's end is looked for in one call.",
      '- No help for recording: one, four or eight calls at a time, waiting a turn for more to share a call, a lazier garbage',
      '  collector in the sidecar (GOGC), a larger young generation in the service. The last ones take some processor time off,',
      '  and the rate stays where it is. Little help, and not kept: looking for the ends of several logs in one call, no tracing',
      '  in the sidecar. No help: bulk subscriptions. The Kafka component lets one bulk in at a time, whatever the number of',
      '  partitions, and with many shoppers it was slower than one by one.',
    ].join('\n'),
  ];
}

function conditionsPart({ settings, machine, startedAt }: Results): string[] {
  const { rounds, seconds, backlog } = settings;
  return [
    '## Conditions',
    `Taken on ${startedAt.slice(0, 10)}. Every figure is the median of ${rounds} rounds, with the lowest and the highest in parentheses; the\n` +
      `two sides took turns. Purchases were accepted for ${seconds} s a round. A ratio is that of the medians, and its range that of\n` +
      'the single rounds.',
    renderTable(
      [
        { title: 'Of', align: 'left' },
        { title: 'It was', align: 'left' },
      ],
      Object.entries(machine),
    ),
    'To take them again, on a machine that does nothing else:',
    ['```sh', `npm run bench -- --rounds ${rounds} --seconds ${seconds} --backlog ${backlog}`, '```'].join(
      '\n',
    ),
    '`--quick` shows in two minutes that it works, and leaves this file alone. The single rounds are in `.data/benchmarks`.',
  ];
}

/** The rounds per number of clients, in ascending order. */
function byClients(rounds: readonly AcceptRound[]): [number, AcceptRound[]][] {
  const counts = [...new Set(rounds.map(({ clients }) => clients))].sort((a, b) => a - b);
  return counts.map((count) => [count, rounds.filter(({ clients }) => clients === count)]);
}
