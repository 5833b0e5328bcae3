/** A task, and when it runs in milliseconds of virtual time. */
type Task = { atMs: number; order: number; run: () => void };

/** The order of two tasks: by time, and in the order in which they were added. */
const isBefore = (one: Task, other: Task): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

/** Time that passes only when nothing is left to do, so that what takes hours takes seconds, and the same on any machine. */
export class VirtualClock {
  /** A binary heap. */
  readonly #tasks: Task[] = [];
  #order = 0;
  nowMs = 0;

  /** Resolves after some time. */
  wait(ms: number): Promise<void> {
    return new Promise((run) => {
      this.#add({ atMs: this.nowMs + ms, order: (this.#order += 1), run });
    });
  }

  /** Lets time pass until a promise settles. @throws Error if it never does */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    const state = { isSettled: false };
    const settle = () => {
      state.isSettled = true;
    };
    promise.then(settle, settle);
    for (;;) {
      // Everything that follows from what happened so far, happens before time passes.
      await new Promise((resolve) => setImmediate(resolve));
      if (state.isSettled) return promise;
      const next = this.#take();
      if (next === undefined) throw new Error('nothing is left to happen, but the work has not ended');
      this.nowMs = next.atMs;
      next.run();
    }
  }

  #add(task: Task): void {
    const tasks = this.#tasks;
    let index = tasks.push(task) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = tasks[parent];
      if (above === undefined || isBefore(above, task)) break;
      tasks[index] = above;
      index = parent;
    }
    tasks[index] = task;
  }

  #take(): Task | undefined {
    const tasks = this.#tasks;
    const first = tasks[0];
    const last = tasks.pop();
    if (last === undefined || last === first) return first;
    let index = 0;
    for (;;) {
      const [left, right] = [tasks[2 * index + 1], tasks[2 * index + 2]];
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      tasks[index] = child;
      index = 2 * index + (isRight ? 2 : 1);
    }
    tasks[index] = last;
    return first;
  }
}
