import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { noteCosts, type Costs } from './costs.js';
import type { Counterexample, Failure, Job, Report } from './worker.js';

export type RunOptions = {
  firstSeed: number;
  /** Whether to start more schedules, given how many have been started. */
  goesOn: (started: number) => boolean;
  /** Stops at the first schedule that breaks a promise. Otherwise it finds one for every promise. */
  stopsAtFirst: boolean;
  /** Looks for these promises only; without it, for all. */
  promises?: readonly string[];
  /** Simplifying one schedule ends after this time. One in a large shop takes long, and its first steps help most. */
  simplifyingMsMax: number;
  /** The root of the code under test. */
  root: string;
  onProgress?: (done: number) => void;
};

/** A broken promise: the first schedule that breaks it, how many schedules it took, and the simplest one. */
export type Finding = { promise: string; detail: string; seed: number; schedules: number } & Counterexample;

export type RunResult = { schedules: number; findings: Finding[]; costs: Costs };

/** How many schedules a worker runs before it reports. */
const jobSize = 50;

/** Runs schedules in as many processes as there are cores. The seeds are consecutive, so a run repeats exactly. */
export async function runSchedules(options: RunOptions): Promise<RunResult> {
  const { firstSeed, goesOn, stopsAtFirst, promises, root, onProgress } = options;
  const isWanted = ({ violations }: Failure) =>
    violations.some(({ promise }) => promises?.includes(promise) ?? true);
  const workers = Array.from({ length: availableParallelism() }, () => startWorker(root));
  const failures: Failure[] = [];
  const costs: Costs = {};
  let started = 0;
  let done = 0;
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (goesOn(started) && !(stopsAtFirst && failures.length > 0)) {
          const seed = firstSeed + started;
          let count = 0;
          while (count < jobSize && goesOn(started)) {
            count += 1;
            started += 1;
          }
          const report = await ask(worker, { run: { seed, count } });
          if ('ran' in report) {
            failures.push(...report.ran.failures.filter(isWanted));
            noteCosts(costs, report.ran.costs);
          }
          done += count;
          onProgress?.(done);
        }
      }),
    );
    return { schedules: done, findings: await findingsOf(workers, failures, options), costs };
  } finally {
    for (const worker of workers) worker.kill();
  }
}

/** The first failure of each promise, simplified. */
async function findingsOf(
  workers: readonly ChildProcess[],
  failures: readonly Failure[],
  { firstSeed, stopsAtFirst, promises, simplifyingMsMax }: RunOptions,
): Promise<Finding[]> {
  const first = new Map<string, { detail: string; seed: number }>();
  for (const { seed, violations } of failures.toSorted((one, other) => one.seed - other.seed))
    for (const { promise, detail } of violations)
      if (!first.has(promise) && (promises?.includes(promise) ?? true)) first.set(promise, { detail, seed });
  const wanted = [...first].slice(0, stopsAtFirst ? 1 : undefined);
  const findings: Finding[] = [];
  for (const [promise, { detail, seed }] of wanted) {
    const report = await ask(workers[0] as ChildProcess, {
      shrink: { seed, promise, msMax: simplifyingMsMax },
    });
    if ('shrunk' in report)
      findings.push({ promise, detail, seed, schedules: seed - firstSeed + 1, ...report.shrunk });
  }
  return findings;
}

function startWorker(root: string): ChildProcess {
  return fork(join(root, 'tests', 'simulation', 'worker.ts'), {
    cwd: root,
    // A schedule leaves much garbage behind: a larger nursery keeps it from being copied.
    execArgv: ['--max-semi-space-size=64', '--import', 'tsx', '--conditions=@unity-purchase/source'],
  });
}

/** @throws Error if the worker ends instead of answering */
async function ask(worker: ChildProcess, job: Job): Promise<Report> {
  const ended = new AbortController();
  try {
    worker.send(job);
    const [report] = (await Promise.race([
      once(worker, 'message', ended),
      once(worker, 'exit', ended).then(([code]) => {
        throw new Error(`a worker of the simulation ended with ${String(code)}`);
      }),
    ])) as [Report];
    return report;
  } finally {
    ended.abort();
  }
}
