import { purchasesPerSecond, readsPerSecond } from '../measures/hanging-reads.js';
import type { HangingReadsRound } from '../results.js';
import { figureText, numberText } from './figure-text.js';
import { figureOf, median, ratioOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The goal: the p99 of buying while reads hang, relative to buying alone. */
export const hangingReadsRatioMax = 2;

/** The part of the page about buying while reads hang. */
export function hangingReadsPart(rounds: readonly HangingReadsRound[]): string[] {
  const row = (name: string, valueOf: (latencies: HangingReadsRound['alone']) => number): string[] => {
    const [alone, hanging] = [
      rounds.map((round) => valueOf(round.alone)),
      rounds.map((round) => valueOf(round.whileReadsHang)),
    ];
    return [name, ...[figureOf(alone), figureOf(hanging), ratioOf(hanging, alone)].map(figureText)];
  };
  const ratio = ratioOf(
    rounds.map(({ whileReadsHang }) => whileReadsHang.p99Ms),
    rounds.map(({ alone }) => alone.p99Ms),
  );
  const inProgress = numberText(median(rounds.map(({ readsInProgress }) => readsInProgress)));
  return [
    '## Buying while reads hang',
    `${purchasesPerSecond} purchases per second, first alone, and then while shoppers ask for their histories ${readsPerSecond} times per second and the\n` +
      `purchase-service stands still. ${inProgress} of these requests wait at one time, and the storefront refuses the others. The target is a\n` +
      `p99 of at most ${hangingReadsRatioMax} times its value alone: ${ratio.median <= hangingReadsRatioMax ? 'met' : 'missed'}. Milliseconds until the 202:`,
    renderTable(figureColumns('From the order to its 202', 'alone', 'while reads hang', 'ratio'), [
      row('p50', ({ p50Ms }) => p50Ms),
      row('p99', ({ p99Ms }) => p99Ms),
    ]),
  ];
}
