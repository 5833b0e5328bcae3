export type LineRing = {
  push: (line: string) => void;
  /** The lines that are still there, oldest first; the last `count` of them if given. */
  lines: (count?: number) => readonly string[];
};

/** Keeps the last `limit` lines and forgets older ones, so that a talkative process cannot fill the memory. */
export function createLineRing(limit: number): LineRing {
  let kept: string[] = [];
  return {
    push: (line) => {
      kept.push(line);
      // Cut in bulk: moving the whole array for every single line would be quadratic.
      if (kept.length >= 2 * limit) kept = kept.slice(-limit);
    },
    lines: (count = limit) => kept.slice(-Math.min(count, limit)),
  };
}
