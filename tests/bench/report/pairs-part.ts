import { limits } from '../direct/jetstream-consumer.js';
import { rateOf, sides, type PairRounds } from '../results.js';
import { sideTitles, workerTable } from './processor-table.js';
import { cellsWithTarget, compare } from './rounds.js';
import { figureColumns, renderTable } from './table.js';

/** The goal on every other pair: the rate of recording a backlog, relative to the plain consumer. */
export const pairTarget = 0.65;

/** The part of the page about recording on other pairs than the main pair. */
export function pairsPart(pairs: readonly PairRounds[]): string[] {
  return [
    '## Recording on other pairs',
    'A smaller backlog waits on each of these pairs, and no storefront runs. Without sidecars, one process consumes and inserts\n' +
      'each purchase as one row, with no check except its key. On Kafka and PostgreSQL, it is a kafkajs consumer as above, and the\n' +
      `row is JSONB. On JetStream and SQLite, it has ${limits.inFlightMax} events in flight, records one at a time and acknowledges each, as the\n` +
      'sidecar does. It writes the file itself. Each write is on the disk before its event is acknowledged, with the settings of\n' +
      "Dapr's component (WAL, synchronous = FULL).",
    renderTable(
      figureColumns('Recorded per second', 'backlog', 'with sidecars', 'without', 'ratio', 'target'),
      pairs.map(({ pair, backlog, drain }) => [
        pair,
        String(backlog),
        ...cellsWithTarget(compare(drain, rateOf), pairTarget),
      ]),
    ),
    'The processor time of each process for one purchase. SQLite has no process of its own: it runs in the sidecar, and without\n' +
      'sidecars in the recorder.',
    workerTable(
      pairs.flatMap(({ pair, drain }) =>
        sides.map((side) => ({
          title: `${pair}, ${sideTitles[side]}`,
          rounds: drain.filter((round) => round.side === side),
        })),
      ),
    ),
  ];
}
