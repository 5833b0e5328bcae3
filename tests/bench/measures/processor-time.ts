import { readdir, readFile } from 'node:fs/promises';
import type { Accepting } from '../pipelines/pipeline.js';
import type { ProcessorTime, Worker } from '../results.js';
import { parseProcessStat, type ProcessStat } from './process-stat.js';

/** Measures the processor time of processes. */
export type ProcessorClock = { elapsed: () => Promise<ProcessorTime> };

/** Starts measuring. Child processes count, too: PostgreSQL has one per connection. */
export async function startProcessorClock(pipeline: Pick<Accepting, 'processes'>): Promise<ProcessorClock> {
  const before = await readNow(pipeline);
  return {
    elapsed: async () => {
      const after = await readNow(pipeline);
      const spent = [...after].map(([worker, ms]) => [worker, ms - (before.get(worker) ?? 0)] as const);
      return Object.fromEntries(spent);
    },
  };
}

async function readNow(pipeline: Pick<Accepting, 'processes'>): Promise<Map<Worker, number>> {
  const stats = await readAllStats();
  const times = new Map<Worker, number>();
  for (const { worker, pid } of pipeline.processes())
    times.set(worker, (times.get(worker) ?? 0) + treeMs(pid, stats));
  const { user, system } = process.cpuUsage();
  times.set('benchmark', Math.round((user + system) / 1_000));
  return times;
}

/** Includes ended children, whose time their parents keep. */
function treeMs(pid: number, stats: readonly ProcessStat[]): number {
  const own = stats.find((stat) => stat.pid === pid)?.ms ?? 0;
  const children = stats.filter(({ parent }) => parent === pid);
  return children.reduce((sum, child) => sum + treeMs(child.pid, stats), own);
}

async function readAllStats(): Promise<ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    // A process that ended in between does not count.
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return texts.flatMap((text) => (text === undefined ? [] : [parseProcessStat(text)]));
}
