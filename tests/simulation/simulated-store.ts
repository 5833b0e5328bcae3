import { createStateStore, DaprError, type StateStore } from '@unity-purchase/service-kit';
import { noFaults, type Faults } from './faults.js';
import type { Condition, StoredValues } from './stored-values.js';
import type { World } from './world.js';

type Client = Parameters<typeof createStateStore>[0]['others'];
type Call = Parameters<Client['request']>[0];
type Answer = Awaited<ReturnType<Client['request']>>;
type Operation = { what: () => string; isWrite: boolean; steps: readonly (() => Answer)[] };

/** A sidecar passes at most 4 MiB. */
const answerBytesMax = 4 * 1024 * 1024;

/** What the sidecar forwards late, it forwards within this time. */
const lateMaxMs = 30_000;

/** How many calls one process made, and how many keys they read. */
export type Usage = { calls: number; keysRead: number };

const written: Answer = { status: 204, body: '' };
const refused: Answer = {
  status: 409,
  body: '{"errorCode":"ERR_STATE_SAVE","message":"possible etag mismatch"}',
};
const failed: Answer = { status: 500, body: '{"errorCode":"ERR_STATE_SAVE","message":"the store is away"}' };

/** The sidecar and the database as one process sees them. The product's own client of the state API is part of the test. */
export class SimulatedStore {
  readonly #world: World;
  readonly #values: StoredValues;
  faults: Faults = noFaults;
  isAway = false;

  constructor(world: World, values: StoredValues) {
    this.#world = world;
    this.#values = values;
  }

  /** A client for one process. Nothing is answered to a process that has ended. */
  client(process: { name: string; isRunning: () => boolean }): { store: StateStore; usage: Usage } {
    const usage: Usage = { calls: 0, keysRead: 0 };
    const request = (call: Call) =>
      new Promise<Answer>((resolve, reject) => {
        if (!process.isRunning()) return;
        const operation = this.#operationOf(call, usage, this.faults);
        usage.calls += 1;
        this.#send(process.name, operation, {
          answer: (answer) => {
            this.#world.later(
              () => {
                if (process.isRunning()) resolve(answer);
              },
              { kind: 'store-call' },
            );
          },
          fail: (error) => {
            this.#world.tell(() => `${process.name} gets no answer to: ${operation.what()}`);
            if (process.isRunning()) reject(error);
          },
        });
      });
    const store = createStateStore({ creates: { request }, others: { request } }, 'statestore');
    return { store, usage };
  }

  /** A client whose calls are performed at once. Nothing happens to them. */
  luckyClient(): StateStore {
    const usage: Usage = { calls: 0, keysRead: 0 };
    const request = (call: Call) => {
      let answer = written;
      for (const step of this.#operationOf(call, usage, noFaults).steps) answer = step();
      return Promise.resolve(answer);
    };
    return createStateStore({ creates: { request }, others: { request } }, 'statestore');
  }

  #send(
    by: string,
    { what, isWrite, steps }: Operation,
    to: { answer: (answer: Answer) => void; fail: (error: Error) => void },
  ): void {
    const { choices } = this.#world;
    const { faults } = this;
    const perform = (then: (answer: Answer) => void, index = 0, delayMs = 0): void => {
      this.#world.later(
        () => {
          const answer = (steps[index] as () => Answer)();
          this.#world.tell(() => `${by}: ${what()}${answer.status === 409 ? ' (refused)' : ''}`);
          if (index + 1 < steps.length && answer.status < 400) perform(then, index + 1);
          else then(answer);
        },
        { kind: 'store-call', dueMs: this.#world.nowMs + delayMs },
      );
    };
    const later = (run: () => void) => {
      this.#world.later(run, { kind: 'store-call' });
    };
    const lost = () => {
      to.fail(new DaprError('no-answer', 'the sidecar did not answer'));
    };
    if (this.isAway || choices.chance(isWrite ? faults.refusedWrites : faults.failedReads)) {
      later(() => {
        this.#world.tell(() => `${by}: the store fails: ${what()}`);
        to.answer(failed);
      });
    } else if (isWrite && choices.chance(faults.lostAnswers)) {
      perform(() => {
        later(lost);
      });
    } else if (isWrite && choices.chance(faults.lateWrites)) {
      later(lost);
      perform(() => undefined, 0, 1 + choices.below(lateMaxMs));
    } else if (isWrite && choices.chance(faults.repeatedWrites)) {
      perform(() => {
        perform(to.answer);
      });
    } else {
      perform(to.answer);
    }
  }

  #operationOf({ method, path, body = '' }: Call, usage: Usage, faults: Faults): Operation {
    if (method === 'DELETE') {
      const key = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
      const remove = () => {
        this.#values.delete(key);
        return written;
      };
      return { what: () => `delete ${key}`, isWrite: true, steps: [remove] };
    }
    const parsed = JSON.parse(body) as { keys: string[] } | WriteItem[];
    if (!Array.isArray(parsed)) return this.#read(parsed.keys, usage, faults);
    const what = () => parsed.map(inWords).join(' and ');
    return { what, isWrite: true, steps: [() => this.#write(parsed, faults)] };
  }

  /** Each key of a call is written by itself; one that is refused fails the call. */
  #write(items: readonly WriteItem[], faults: Faults): Answer {
    const count =
      items.length > 1 && this.#world.choices.chance(faults.partialWrites)
        ? this.#world.choices.below(items.length)
        : items.length;
    const results = items
      .slice(0, count)
      .map((item) => this.#values.write(item.key, item.value, conditionOf(item)));
    return count < items.length ? failed : results.includes(false) ? refused : written;
  }

  #read(keys: readonly string[], usage: Usage, faults: Faults): Operation {
    usage.keysRead += keys.length;
    const items = new Map<string, object>();
    const readThese = (some: readonly string[]) => (): Answer => {
      for (const key of some) {
        const stored = this.#values.read(key);
        items.set(key, stored === undefined ? { key } : { key, data: stored.value, etag: stored.etag });
      }
      const body = JSON.stringify(keys.map((key) => items.get(key) ?? { key }));
      if (body.length <= answerBytesMax) return { status: 200, body };
      this.#world.violated('a call fits through a sidecar', `the answer to ${keys.length} keys is too large`);
      return failed;
    };
    const what = () =>
      `read ${keys.length === 1 ? keys[0] : `${keys.length} keys from ${keys[0]} to ${keys.at(-1)}`}`;
    if (keys.length < 2 || !this.#world.choices.chance(faults.tornReads))
      return { what, isWrite: false, steps: [readThese(keys)] };
    // The keys are read at two moments, in any of two orders.
    const middle = 1 + this.#world.choices.below(keys.length - 1);
    const parts = [keys.slice(0, middle), keys.slice(middle)];
    if (this.#world.choices.chance(0.5)) parts.reverse();
    return { what, isWrite: false, steps: parts.map(readThese) };
  }
}

type WriteItem = { key: string; value: string; etag?: string; options: { concurrency: string } };

function inWords({ key, value, etag, options }: WriteItem): string {
  const verb = etag !== undefined ? 'update' : options.concurrency === 'first-write' ? 'create' : 'save';
  return `${verb} ${key} ${value.length > 90 ? `${value.slice(0, 90)}…` : value}`;
}

function conditionOf({ etag, options }: WriteItem): Condition {
  if (etag !== undefined) return { etag };
  return options.concurrency === 'first-write' ? 'absent' : 'none';
}
