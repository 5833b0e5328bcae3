/** A process, its parent, and the processor time of it and of its children that have ended. */
export type ProcessStat = { pid: number; parent: number; ms: number };

/** Linux counts processor time in ticks of this length, wherever Node runs. */
const tickMs = 10;

/** Reads a line of /proc/PID/stat (proc_pid_stat(5)). */
export function parseProcessStat(line: string): ProcessStat {
  // The name, in parentheses, may contain anything; the parent is the second field behind it.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return { pid: Number.parseInt(line, 10), parent: fields[1] ?? 0, ms: ticks * tickMs };
}
