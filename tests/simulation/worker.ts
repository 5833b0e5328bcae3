import { Choices } from './choices.js';
import { noteCosts, type Costs } from './costs.js';
import { runSchedule } from './schedule.js';
import { shrink } from './shrink.js';
import type { Violation } from './world.js';

/** What a worker is asked: to run schedules, or to simplify one that breaks a promise. */
export type Job = { run: { seed: number; count: number } } | { shrink: ShrinkJob };

/** Simplifying ends after `msMax`, with the simplest schedule found by then. */
type ShrinkJob = { seed: number; promise: string; msMax: number };

/** A schedule that breaks promises. */
export type Failure = { seed: number; violations: readonly Violation[] };

export type Counterexample = { choices: readonly number[]; story: readonly string[] };

export type Report =
  { ran: { seed: number; count: number; failures: Failure[]; costs: Costs } } | { shrunk: Counterexample };

// Most errors are expected here. Their stacks take time and are not printed.
Error.stackTraceLimit = 0;

process.on('message', (job: Job) => {
  void work(job).then((report) => process.send?.(report));
});

async function work(job: Job): Promise<Report> {
  if ('shrink' in job) return { shrunk: await shrunk(job.shrink) };
  const { seed: first, count } = job.run;
  const failures: Failure[] = [];
  const costs: Costs = {};
  for (let seed = first; seed < first + count; seed += 1) {
    const { violations, costs: own } = await runSchedule(Choices.fromSeed(seed));
    noteCosts(costs, own);
    if (violations.length > 0) failures.push({ seed, violations });
  }
  return { ran: { seed: first, count, failures, costs } };
}

async function shrunk({ seed, promise, msMax }: ShrinkJob): Promise<Counterexample> {
  const breaks = async (list: readonly number[]) => {
    const { violations } = await runSchedule(Choices.repeating(list));
    return violations.some((violation) => violation.promise === promise);
  };
  const endMs = performance.now() + msMax;
  const choices = await shrink(
    (await runSchedule(Choices.fromSeed(seed))).choices,
    breaks,
    () => performance.now() < endMs,
  );
  const story: string[] = [];
  await runSchedule(Choices.repeating(choices), (line) => story.push(line));
  return { choices, story };
}
