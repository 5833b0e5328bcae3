import type { Choices } from './choices.js';
import { noteCost, type Cost, type Costs } from './costs.js';

/** A violated promise. The name is the same for every case of it; the detail is about this case. */
export type Violation = { promise: string; detail: string };

/** Something that can happen next. The scheduler decides when. */
export type Task = {
  /** A call to the store ends within seconds; everything else can wait for weeks. */
  kind: 'store-call' | 'other';
  dueMs: number;
  run: () => void;
};

/** Every step takes this long. */
const stepMs = 5;

/** A schedule that needs more steps never ends: something retries forever. */
const stepsMax = 20_000;

/** The simulated time, the tasks that can happen next, and what was seen. One schedule owns one world. */
export class World {
  readonly choices: Choices;
  readonly violations: Violation[] = [];
  readonly costs: Costs = {};
  readonly #trace: ((line: string) => void) | undefined;
  #tasks: Task[] = [];
  #steps = 0;
  nowMs: number;

  constructor(choices: Choices, startMs: number, trace?: (line: string) => void) {
    this.choices = choices;
    this.nowMs = startMs;
    this.#trace = trace;
  }

  /** Adds a line to the story of this schedule. */
  tell(line: () => string): void {
    if (this.#trace === undefined) return;
    // The beginning of a shopper key is enough to tell two shoppers apart.
    const text = line().replaceAll(/(~[\w-]{4})[\w-]{39}/g, '$1…');
    this.#trace(`${new Date(this.nowMs).toISOString().slice(5, 23)}  ${text}`);
  }

  violated(promise: string, detail: string): void {
    if (this.violations.some((known) => known.promise === promise && known.detail === detail)) return;
    this.violations.push({ promise, detail });
    this.tell(() => `VIOLATED: ${promise}: ${detail}`);
  }

  /** Notes what an operation took. More than allowed violates the promise. */
  limited(promise: string, cost: Cost, detail: string): void {
    noteCost(this.costs, promise, cost);
    if (cost.used > cost.allowed) this.violated(promise, detail);
  }

  /** Adds a task that runs at some time from now on. */
  later(run: () => void, more: Partial<Omit<Task, 'run'>> = {}): void {
    this.#tasks.push({ run, kind: 'other', dueMs: this.nowMs, ...more });
  }

  /** Runs one task that is due, chosen at random. Returns false if no task is left. */
  async step(): Promise<boolean> {
    const due = this.#tasks.filter(({ dueMs }) => dueMs <= this.nowMs);
    const task = due[this.choices.below(due.length)] ?? this.#earliest(this.#tasks);
    if (task === undefined) return false;
    await this.#run(task);
    return true;
  }

  /** Runs tasks until none is left, in random order. */
  async settle(): Promise<void> {
    while (await this.step());
  }

  /** Runs tasks until a promise settles. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await untilIdle();
    // Assigned in a callback.
    while (!(isSettled as boolean))
      if (!(await this.step())) throw new Error('a promise never settles although nothing is left to happen');
    return promise;
  }

  /** Lets time pass. No call to the store takes that long, so those in flight end first. */
  async pass(ms: number): Promise<void> {
    for (;;) {
      const call = this.#earliest(this.#tasks.filter(({ kind }) => kind === 'store-call'));
      if (call === undefined) break;
      await this.#run(call);
    }
    this.nowMs += ms;
  }

  #earliest(tasks: readonly Task[]): Task | undefined {
    return tasks.reduce<Task | undefined>(
      (first, task) => (first === undefined || task.dueMs < first.dueMs ? task : first),
      undefined,
    );
  }

  async #run(task: Task): Promise<void> {
    this.#steps += 1;
    if (this.#steps > stepsMax) throw new Error('the schedule does not end');
    this.#tasks.splice(this.#tasks.indexOf(task), 1);
    this.nowMs = Math.max(this.nowMs + stepMs, task.dueMs);
    task.run();
    await untilIdle();
  }
}

/** Resolves when the code under test waits for the world again: all its promises that can settle have settled. */
export function untilIdle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
