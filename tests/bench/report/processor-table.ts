import { sides, workers, type ProcessorTime, type Results, type Side, type Worker } from '../results.js';
import { numberText } from './figure-text.js';
import { median } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

type Round = { side: Side; purchases: number; seconds: number; processorMs: ProcessorTime };

const titles: Readonly<Record<Side, string>> = { sidecars: 'with', direct: 'without' };

/** Milliseconds of processor time per purchase, by process and by kind of work; medians of the rounds. */
export function processorTable({ accept, drain, freshness }: Results): string {
  const clientsMax = Math.max(...accept.map(({ clients }) => clients));
  const measures: { name: string; rounds: readonly Round[] }[] = [
    { name: 'accept', rounds: accept.filter(({ clients }) => clients === clientsMax) },
    { name: 'drain', rounds: drain },
    { name: 'both at a rate', rounds: freshness },
  ];
  const columns = measures.flatMap(({ name, rounds }) =>
    sides.map((side) => ({
      title: `${name}, ${titles[side]}`,
      rounds: rounds.filter((round) => round.side === side),
    })),
  );
  const row = (name: string, valueOf: (round: Round) => number): string[] => [
    name,
    ...columns.map(({ rounds }) => numberText(median(rounds.map(valueOf)))),
  ];
  const ofWorker = (worker: Worker) => (round: Round) =>
    (round.processorMs[worker] ?? Number.NaN) / round.purchases;
  const total = (round: Round) => Object.values(round.processorMs).reduce((sum, ms) => sum + ms, 0);
  return renderTable(figureColumns('ms per purchase', ...columns.map(({ title }) => title)), [
    ...workers.map((worker) => row(worker, ofWorker(worker))),
    row('total', (round) => total(round) / round.purchases),
    row('busy cores', (round) => total(round) / 1_000 / round.seconds),
  ]);
}
