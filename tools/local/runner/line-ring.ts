export type LineRing = {
  push: (line: string) => void;
  /** Returns the stored lines, oldest first; with `count`, only the last ones. */
  lines: (count?: number) => readonly string[];
};

/** Returns a ring that stores the last `limit` lines, so that a process with much output cannot fill the memory. */
export function createLineRing(limit: number): LineRing {
  let stored: string[] = [];
  return {
    push: (line) => {
      stored.push(line);
      // Trimming only now and then avoids copying the array for every line.
      if (stored.length >= 2 * limit) stored = stored.slice(-limit);
    },
    lines: (count = limit) => stored.slice(-Math.min(count, limit)),
  };
}
