/** How large the pieces are that shrinking removes or zeroes, in this order. */
const pieceSizes = [64, 16, 4, 2, 1];

/** Whether a list of choices still breaks the promise. */
export type Breaks = (choices: readonly number[]) => Promise<boolean>;

/**
 * Simplifies a list of choices that breaks a promise: it removes pieces, then replaces choices by 0, the harmless one, then by
 * smaller numbers, as long as the promise stays broken. It stops when nothing helps any more, or when `goesOn` says so.
 */
export async function shrink(
  choices: readonly number[],
  breaks: Breaks,
  goesOn: (tries: number) => boolean,
): Promise<number[]> {
  let best = withoutZerosAtTheEnd(choices);
  let tries = 0;
  const accept = async (candidate: readonly number[]): Promise<boolean> => {
    const shorter = withoutZerosAtTheEnd(candidate);
    if (!goesOn(tries) || isEqual(shorter, best)) return false;
    tries += 1;
    if (!(await breaks(shorter))) return false;
    best = shorter;
    return true;
  };
  for (let isBetter = true; isBetter && goesOn(tries);) {
    isBetter = false;
    for (const size of pieceSizes)
      for (let end = best.length; end > 0; end -= size) {
        const start = Math.max(0, end - size);
        const without = [...best.slice(0, start), ...best.slice(end)];
        const zeroed = best.map((choice, index) => (index >= start && index < end ? 0 : choice));
        if ((await accept(without)) || (await accept(zeroed))) isBetter = true;
      }
    for (let index = 0; index < best.length; index += 1)
      for (const smaller of smallerThan(best[index] ?? 0))
        if (await accept(best.with(index, smaller))) isBetter = true;
  }
  return best;
}

/** Smaller choices to try, the smallest first. */
function smallerThan(choice: number): number[] {
  return [1, Math.floor(choice / 2), choice - 1].filter((smaller) => smaller > 0 && smaller < choice);
}

/** A choice that is missing at the end is 0. */
function withoutZerosAtTheEnd(choices: readonly number[]): number[] {
  return choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1);
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((choice, index) => choice === other[index]);
}
