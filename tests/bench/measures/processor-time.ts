import { readdir, readFile } from 'node:fs/promises';
import type { Pipeline } from '../pipelines/pipeline.js';
import type { ProcessorTime, Worker } from '../results.js';
import { parseProcessStat, type ProcessStat } from './process-stat.js';

/** A clock that runs with the processor time of those who do one pipeline's work. */
export type ProcessorClock = { elapsed: () => Promise<ProcessorTime> };

/** Starts the clock. Processes count with everything that they have started: PostgreSQL has one for each connection. */
export async function startProcessorClock(pipeline: Pipeline): Promise<ProcessorClock> {
  const before = await readNow(pipeline);
  return {
    elapsed: async () => {
      const after = await readNow(pipeline);
      const spent = [...after].map(([worker, ms]) => [worker, ms - (before.get(worker) ?? 0)] as const);
      return Object.fromEntries(spent);
    },
  };
}

async function readNow(pipeline: Pipeline): Promise<Map<Worker, number>> {
  const stats = await readAllStats();
  const times = new Map<Worker, number>();
  for (const { worker, pid } of pipeline.processes()) times.set(worker, treeMs(pid, stats));
  const { user, system } = process.cpuUsage();
  times.set('benchmark', Math.round((user + system) / 1_000));
  return times;
}

/** With the time of those that have ended, which their parents keep. */
function treeMs(pid: number, stats: readonly ProcessStat[]): number {
  const own = stats.find((stat) => stat.pid === pid)?.ms ?? 0;
  const children = stats.filter(({ parent }) => parent === pid);
  return children.reduce((sum, child) => sum + treeMs(child.pid, stats), own);
}

async function readAllStats(): Promise<ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(
    // One that ended in between is none.
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)),
  );
  return texts.flatMap((text) => (text === undefined ? [] : [parseProcessStat(text)]));
}
