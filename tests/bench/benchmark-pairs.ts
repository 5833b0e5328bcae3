import { measureDrainRounds } from './measures/drain-rounds.js';
import { withPairSystem } from './pair-system.js';
import { otherPairs } from './pairs.js';
import { numberText, roundText } from './report/figure-text.js';
import { rateOf, type PairRounds } from './results.js';
import { roundsOf, type Settings } from './settings.js';

/** Compares recording on each of the other pairs, one pair after the other, and prints each result. */
export async function benchmarkPairs(
  settings: Settings,
  { signal, tell }: { signal: AbortSignal; tell: (line: string) => void },
): Promise<PairRounds[]> {
  const all: PairRounds[] = [];
  for (const pair of otherPairs) {
    const backlog = Math.min(pair.backlogMax, settings.backlogOfOtherPairsMax);
    tell(`Starting ${pair.title}, and both recorders ...`);
    const drain = await withPairSystem(pair, signal, (system) =>
      measureDrainRounds(system, {
        rounds: roundsOf(settings),
        count: backlog,
        report: (figure) => {
          tell(`${pair.title.padEnd(18)} ${roundText(figure)} ${numberText(rateOf(figure))}/s`);
        },
      }),
    );
    all.push({ pair: pair.title, backlog, drain });
  }
  return all;
}
