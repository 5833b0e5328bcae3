import { sides, workers, type ProcessorTime, type Results, type Side, type Worker } from '../results.js';
import { numberText } from './figure-text.js';
import { median } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

type Round = { side: Side; purchases: number; seconds: number; processorMs: ProcessorTime };

/** Rounds of one side, as a column of a table. */
export type RoundsColumn = { title: string; rounds: readonly Round[] };

/** How a column names its side. */
export const sideTitles: Readonly<Record<Side, string>> = { sidecars: 'with', direct: 'without' };

/** Milliseconds of processor time per purchase, by process and by kind of work; medians of the rounds. */
export function processorTable({ accept, drain, freshness }: Results): string {
  const clientsMax = Math.max(...accept.map(({ clients }) => clients));
  const measures: { name: string; rounds: readonly Round[] }[] = [
    { name: 'accept', rounds: accept.filter(({ clients }) => clients === clientsMax) },
    { name: 'drain', rounds: drain },
    { name: 'both at a rate', rounds: freshness },
  ];
  return workerTable(
    measures.flatMap(({ name, rounds }) =>
      sides.map((side) => ({
        title: `${name}, ${sideTitles[side]}`,
        rounds: rounds.filter((round) => round.side === side),
      })),
    ),
  );
}

/** Milliseconds of processor time per purchase, by process; medians of the rounds. Processes that ran in no round are left out. */
export function workerTable(columns: readonly RoundsColumn[]): string {
  const row = (name: string, valueOf: (round: Round) => number): string[] => [
    name,
    ...columns.map(({ rounds }) => numberText(median(rounds.map(valueOf)))),
  ];
  const ofWorker = (worker: Worker) => (round: Round) =>
    (round.processorMs[worker] ?? Number.NaN) / round.purchases;
  const hasRun = (worker: Worker) =>
    columns.some(({ rounds }) => rounds.some(({ processorMs }) => processorMs[worker] !== undefined));
  const total = (round: Round) => Object.values(round.processorMs).reduce((sum, ms) => sum + ms, 0);
  return renderTable(figureColumns('ms per purchase', ...columns.map(({ title }) => title)), [
    ...workers.filter(hasRun).map((worker) => row(worker, ofWorker(worker))),
    row('total', (round) => total(round) / round.purchases),
    row('busy cores', (round) => total(round) / 1_000 / round.seconds),
  ]);
}
