/** A process: its parent and its processor time, including ended children. */
export type ProcessStat = { pid: number; parent: number; ms: number };

/** The length of a tick, in which Linux counts processor time on every platform of Node. */
const tickMs = 10;

/** Parses a line of /proc/PID/stat (proc_pid_stat(5)). */
export function parseProcessStat(line: string): ProcessStat {
  // The name in parentheses may contain anything; the parent is the second field after it.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return { pid: Number.parseInt(line, 10), parent: fields[1] ?? 0, ms: ticks * tickMs };
}
