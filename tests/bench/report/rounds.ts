import { sides, type Side } from '../results.js';
import { figureText } from './figure-text.js';
import { figureOf, ratioOf, type Figure } from './statistics.js';

/** The same figure of both sides, over all rounds. */
export type Comparison = Record<Side, Figure> & {
  /** What the side with sidecars is of the other. */
  ratio: Figure;
};

/** Sets one figure of all rounds side by side. */
export function compare<Round extends { side: Side }>(
  rounds: readonly Round[],
  valueOf: (round: Round) => number,
): Comparison {
  const [sidecars = [], direct = []] = sides.map((side) =>
    rounds.filter((round) => round.side === side).map(valueOf),
  );
  return { sidecars: figureOf(sidecars), direct: figureOf(direct), ratio: ratioOf(sidecars, direct) };
}

/** The cells of a comparison: with sidecars, without, and the ratio. */
export function comparisonCells({ sidecars, direct, ratio }: Comparison): string[] {
  return [sidecars, direct, ratio].map(figureText);
}
