import { backlogShoppers } from '../load/backlog.js';
import { askedCount, historyLength } from '../measures/pages.js';
import { warmUpSeconds } from '../measures/freshness.js';
import { refusedClients } from '../measures/refuse.js';
import { requestsMax } from '../pipelines/pipeline.js';
import { rateOf, type AcceptRound, type Results } from '../results.js';
import { barePart } from './bare-part.js';
import { figureText, numberText } from './figure-text.js';
import { hangingReadsPart } from './hanging-reads-part.js';
import { pairsPart } from './pairs-part.js';
import { servicesPart } from './services-part.js';
import { processorTable } from './processor-table.js';
import { cellsWithTarget, compare, comparisonCells } from './rounds.js';
import { figureOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The goals: throughput relative to the pipeline without sidecars, ages of records, time to refuse, and page limits. */
export const targets = {
  accept: 0.7,
  drain: 0.65,
  freshness: { p50Ms: 15, p99Ms: 100, idleP50Ms: 8 },
  refusalMs: 50,
  pageMs: 50,
  pageBytes: 100_000,
  // The pages with the longest way: percentiles in milliseconds.
  slowPages: { history: { p50Ms: 10 }, 'all purchases': { p99Ms: 25 } },
} as const;

/** The page about a run: every figure with its meaning, the machine, and the command to repeat it. */
export function performanceDocument(results: Results): string {
  return `${[
    '# Performance',
    'The cost of the sidecars: the system on Kafka and MongoDB, compared with the same work without sidecars. One run measured\n' +
      'both in turn, on one machine with the same broker and store. Compare the columns of one run; they say little about\n' +
      'another machine. `npm run bench` writes this file.',
    summaryOf(results),
    ...acceptPart(results),
    ...barePart(results),
    ...drainPart(results),
    ...pairsPart(results.otherPairs),
    ...freshnessPart(results),
    ...refusePart(results),
    ...hangingReadsPart(results.hangingReads),
    ...pagesPart(results),
    ...servicesPart(results.services),
    ...processorPart(results),
    ...tuningPart(),
    ...conditionsPart(results),
  ].join('\n\n')}\n`;
}

function summaryOf({ accept, drain }: Results): string {
  return renderTable(figureColumns('Purchases per second', 'with sidecars', 'without', 'ratio', 'target'), [
    ...byClients(accept).map(([clients, rounds]) => [
      `accepted, ${clients} at once`,
      ...cellsWithTarget(compare(rounds, rateOf), targets.accept),
    ]),
    ['recorded from a backlog', ...cellsWithTarget(compare(drain, rateOf), targets.drain)],
  ]);
}

function acceptPart({ accept }: Results): string[] {
  return [
    '## Accepting',
    'Signed-in shoppers send `POST /api/purchases` to the storefront and get a 202 when Kafka has the event on all in-sync\n' +
      'replicas. Each client sends its next order after the answer to the previous one. Without sidecars, the same storefront\n' +
      'runs in its own process and publishes with a kafkajs producer: one send per request, the same key, the same event.\n' +
      'There are no consumers meanwhile, on either side. Milliseconds until the answer:',
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
    `${settings.backlog} events of ${backlogShoppers} shoppers wait, spread over all partitions, when one purchase-service and its sidecar\n` +
      'start. The service checks each one for duplicates and appends it to two logs. Without sidecars, a kafkajs consumer\n' +
      'inserts each purchase as one document, with no check except its `_id`. It handles as many partitions at once, and the\n' +
      `majority acknowledges every write. Measured from the first record to the last, without the start: ${figureText(seconds.sidecars)} s with sidecars,\n` +
      `${figureText(seconds.direct)} s without.`,
  ];
}

function freshnessPart({ freshness, idleFreshness }: Results): string[] {
  const [p50, p99] = [compare(freshness, ({ p50Ms }) => p50Ms), compare(freshness, ({ p99Ms }) => p99Ms)];
  const idle = compare(idleFreshness, ({ p50Ms }) => p50Ms);
  const row = (name: string, figures: typeof p50, targetMs: number) => [
    name,
    ...comparisonCells(figures),
    `≤ ${String(targetMs)}: ${figures.sidecars.median <= targetMs ? 'met' : 'missed'}`,
  ];
  const perSecond = freshness[0]?.perSecond ?? 0;
  return [
    '## Freshness',
    `From placing a purchase to writing its record, with ${perSecond} purchases per second on both sides: half of what the system\n` +
      `can accept and record at the same time on this machine. The system is idle with ${String(idleFreshness[0]?.perSecond ?? 0)} purchases per second. Everything\n` +
      `has run for ${String(warmUpSeconds)} s before. In milliseconds:`,
    renderTable(figureColumns('From placed to recorded', 'with sidecars', 'without', 'ratio', 'target'), [
      row('p50', p50, targets.freshness.p50Ms),
      row('p99', p99, targets.freshness.p99Ms),
      row('p50 when idle', idle, targets.freshness.idleP50Ms),
    ]),
  ];
}

function refusePart({ refuse }: Results): string[] {
  const [p50, p99] = [figureOf(refuse.map(({ p50Ms }) => p50Ms)), figureOf(refuse.map(({ p99Ms }) => p99Ms))];
  return [
    '## Refusing',
    `While its sidecar does not answer, a storefront holds the ${requestsMax} requests it admits at once and refuses all others. From\n` +
      `the request to the 503, with ${refusedClients} clients that retry immediately: ${figureText(p50)} ms (p50), ${figureText(p99)} ms (p99). The target\n` +
      `is below ${targets.refusalMs} ms: ${p99.median < targets.refusalMs ? 'met' : 'missed'}.`,
  ];
}

function pagesPart({ pages }: Results): string[] {
  const figure = (name: string) => pages.find(({ page }) => page === name);
  const p50Of = (name: string) => figure(name)?.p50Ms ?? Number.NaN;
  const p99Of = (name: string) => figure(name)?.p99Ms ?? Number.NaN;
  const isMet = pages.every(({ bytes, p99Ms }) => bytes <= targets.pageBytes && p99Ms < targets.pageMs);
  return [
    '## Pages',
    `One shopper, who has bought ${historyLength} times and is an operator, requests each page ${askedCount} times, one after the other. The\n` +
      'times are milliseconds until the storefront has answered, including sidecars and store. The sizes are kilobytes as sent,\n' +
      `including style sheet, scripts and all pictures. The targets are below ${targets.pageMs} ms (p99) and at most ${targets.pageBytes / 1_000} kB: ${isMet ? 'met' : 'missed'}.\n` +
      `The history has to take at most ${targets.slowPages.history.p50Ms} ms (p50): ${metIf(p50Of('history') <= targets.slowPages.history.p50Ms)}. All purchases have to take at most ${targets.slowPages['all purchases'].p99Ms} ms (p99): ${metIf(p99Of('all purchases') <= targets.slowPages['all purchases'].p99Ms)}.`,
    renderTable(
      figureColumns('Page', 'kB', 'p50', 'p99'),
      pages.map(({ page, bytes, p50Ms, p99Ms }) => [page, ...[bytes / 1_000, p50Ms, p99Ms].map(numberText)]),
    ),
  ];
}

function processorPart(results: Results): string[] {
  return [
    '## Processor time',
    'The processor time of each process for one purchase, from /proc. It is measured while the most clients buy, while a\n' +
      'backlog is recorded, and while purchases are placed and recorded at the rate above. The benchmark runs on the same\n' +
      'machine: it creates the load and reads the logs. When all cores are busy, less processor time means more throughput.',
    processorTable(results),
  ];
}

/** Explanations of the figures, without numbers, which would come from other runs. */
function tuningPart(): string[] {
  return [
    '## What was tried',
    [
      "- Limits: accepting is limited by the storefront's one thread, with and without sidecars. A third of its time is Express with what it",
      '  writes to sockets. Sessions, limits, protection against buying twice and metrics are most of what the bare server does not do.',
      '- Limits: with 16 clients, that thread is also idle at times. Requests come back in groups, because they share a publication, and then',
      '  wait for each other. One publication at a time accepts a little more, but a purchase that arrives while another is under way would',
      '  wait for it. Four at a time accept less. So there are two.',
      '- Limits: recording is limited by all processors together. A purchase is a delivery over HTTP, and two keys in shared calls: the',
      "  history before the journal. A fifth of the service's time is its HTTP client, and a sixth is reading and answering deliveries.",
      "  Dapr's conditional update of a document (an upsert by an aggregation pipeline) costs MongoDB-compatible stores more than an insert.",
      '- Limits: JetStream delivers one event at a time, so recording there takes as long as two calls to the store, one after the other. The',
      '  plain consumer has one, and no hops between processes.',
      '- Kept: concurrent publications share a call to the sidecar, and so do concurrent creates, two calls at a time. Without the first,',
      '  accepting from many clients stayed below the target. (The producer without sidecars sends each on its own.)',
      '- Kept: a publication that is alone uses the API for one event. Cookies are opened with a faster library, and remembered for a minute.',
      '  Formats of numbers and dates are remembered. Requests to the API pass no middleware for pages.',
      "- Kept: deliveries are answered before Express, which took a third of the recorder's time for one. Without that, recording stayed below",
      '  the target.',
      '- Kept: successful deliveries are not logged, timers end with their call, and the tail of a new log is found in one call.',
      '- Kept: reads that one request starts together share a call, an empty log takes one call of two keys, and a time is looked for where it',
      '  is expected. That is most of the time that the lists of purchases took.',
      '- No effect on recording: one, four or eight calls at a time, and waiting for more entries to share a call. Less frequent garbage',
      '  collection in the sidecar (GOGC) saves some processor time, but the rate stays the same. Nor does a larger young generation change',
      '  the rate of either service.',
      '- Little effect, and not kept: finding the tails of several logs in one call, no tracing in the sidecar.',
      '- No effect: bulk subscriptions. The Kafka component handles one bulk at a time for any number of partitions, and with many shoppers it',
      '  was slower than single deliveries.',
    ].join('\n'),
  ];
}

function conditionsPart({ settings, machine, startedAt }: Results): string[] {
  const { rounds, seconds, backlog } = settings;
  return [
    '## Conditions',
    `Taken on ${startedAt.slice(0, 10)}. Every figure is the median of ${rounds} rounds, with the lowest and the highest in parentheses. The\n` +
      `two sides took turns. Purchases were accepted for ${seconds} s per round. A ratio compares the medians, and its range\n` +
      'compares the single rounds.',
    renderTable(
      [
        { title: 'Part', align: 'left' },
        { title: 'Value', align: 'left' },
      ],
      Object.entries(machine),
    ),
    'To repeat the measurement, on a machine without other load:',
    ['```sh', `npm run bench -- --rounds ${rounds} --seconds ${seconds} --backlog ${backlog}`, '```'].join(
      '\n',
    ),
    '`--quick` tests the benchmark itself in four minutes and does not change this file. All rounds are in `.data/benchmarks`.\n' +
      '`--profile` writes CPU profiles and flame graphs of both services to `.data/profiles`, and prints where their time goes.',
  ];
}

/** The rounds per number of clients, in ascending order. */
function byClients(rounds: readonly AcceptRound[]): [number, AcceptRound[]][] {
  const counts = [...new Set(rounds.map(({ clients }) => clients))].sort((a, b) => a - b);
  return counts.map((count) => [count, rounds.filter(({ clients }) => clients === count)]);
}

function metIf(isMet: boolean): string {
  return isMet ? 'met' : 'missed';
}
