import { sides, type Side } from '../results.js';
import { figureText } from './figure-text.js';
import { figureOf, ratioOf, type Figure } from './statistics.js';

/** One figure for both sides, over all rounds. */
export type Comparison = Record<Side, Figure> & {
  /** The side with sidecars relative to the other. */
  ratio: Figure;
};

/** Compares one figure over all rounds. */
export function compare<Round extends { side: Side }>(
  rounds: readonly Round[],
  valueOf: (round: Round) => number,
): Comparison {
  const [sidecars = [], direct = []] = sides.map((side) =>
    rounds.filter((round) => round.side === side).map(valueOf),
  );
  return { sidecars: figureOf(sidecars), direct: figureOf(direct), ratio: ratioOf(sidecars, direct) };
}

/** The table cells of a comparison of which the ratio is at least `target`, or else misses it. */
export function cellsWithTarget(comparison: Comparison, target: number): string[] {
  const isMet = comparison.ratio.median >= target;
  return [...comparisonCells(comparison), `≥ ${target}: ${isMet ? 'met' : 'missed'}`];
}

/** The table cells of a comparison: with sidecars, without, ratio. */
export function comparisonCells({ sidecars, direct, ratio }: Comparison): string[] {
  return [sidecars, direct, ratio].map(figureText);
}
