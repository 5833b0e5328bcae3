import { createStateStore, DaprError, type StateStore } from '@unity-purchase/service-kit';
import { noFaults, type Faults } from './faults.js';
import type { Condition, StoredValues } from './stored-values.js';
import type { World } from './world.js';

type Client = Parameters<typeof createStateStore>[0]['others'];
type Call = Parameters<Client['request']>[0];
type Answer = Awaited<ReturnType<Client['request']>>;
/** Who waits for a call: it gets an answer, or learns that none comes. */
type Recipient = { answer: (answer: Answer) => void; fail: () => void };
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
            this.#later(() => {
              if (process.isRunning()) resolve(answer);
            });
          },
          fail: () => {
            this.#world.tell(() => `${process.name} gets no answer to: ${operation.what()}`);
            if (process.isRunning()) reject(new DaprError('no-answer', 'the sidecar did not answer'));
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

  #send(by: string, operation: Operation, to: Recipient): void {
    const { choices } = this.#world;
    const { faults } = this;
    const { isWrite } = operation;
    if (this.isAway || choices.chance(isWrite ? faults.refusedWrites : faults.failedReads)) {
      this.#later(() => {
        this.#world.tell(() => `${by}: the store fails: ${operation.what()}`);
        to.answer(failed);
      });
    } else if (isWrite && choices.chance(faults.lostAnswers)) {
      this.#perform(by, operation, () => {
        this.#later(to.fail);
      });
    } else if (isWrite && choices.chance(faults.lateWrites)) {
      this.#later(to.fail);
      this.#perform(by, operation, () => undefined, 1 + choices.below(lateMaxMs));
    } else if (isWrite && choices.chance(faults.repeatedWrites)) {
      this.#perform(by, operation, () => {
        this.#perform(by, operation, to.answer);
      });
    } else {
      this.#perform(by, operation, to.answer);
    }
  }

  /** Performs the steps of an operation, one after the other. It ends with the answer to the first that fails, or to the last. */
  #perform(by: string, operation: Operation, then: (answer: Answer) => void, delayMs = 0, index = 0): void {
    const { steps, what } = operation;
    this.#later(() => {
      const answer = (steps[index] as () => Answer)();
      this.#world.tell(() => `${by}: ${what()}${answer.status === 409 ? ' (refused)' : ''}`);
      if (index + 1 < steps.length && answer.status < 400) this.#perform(by, operation, then, 0, index + 1);
      else then(answer);
    }, delayMs);
  }

  #later(run: () => void, delayMs = 0): void {
    this.#world.later(run, { kind: 'store-call', dueMs: this.#world.nowMs + delayMs });
  }

  #operationOf({ method, path, body = '' }: Call, usage: Usage, faults: Faults): Operation {
    if (method === 'DELETE') {
      const key = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
      return {
        what: () => `delete ${key}`,
        isWrite: true,
        steps: [
          () => {
            this.#values.delete(key);
            return written;
          },
        ],
      };
    }
    const parsed = JSON.parse(body) as { keys: string[] } | WriteItem[];
    if (!Array.isArray(parsed)) return this.#read(parsed.keys, usage, faults);
    return {
      what: () => parsed.map(inWords).join(' and '),
      isWrite: true,
      steps: [() => this.#write(parsed, faults)],
    };
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
    return {
      what: () =>
        `read ${keys.length === 1 ? keys[0] : `${keys.length} keys from ${keys[0]} to ${keys.at(-1)}`}`,
      isWrite: false,
      steps: this.#readingSteps(keys, faults),
    };
  }

  #readingSteps(keys: readonly string[], faults: Faults): (() => Answer)[] {
    const items: string[] = [];
    if (keys.length < 2 || !this.#world.choices.chance(faults.tornReads))
      return [() => this.#answerWith(items, keys)];
    // The keys are read at two moments, in any of two orders.
    const middle = 1 + this.#world.choices.below(keys.length - 1);
    const parts = [keys.slice(0, middle), keys.slice(middle)];
    if (this.#world.choices.chance(0.5)) parts.reverse();
    return parts.map((part) => () => this.#answerWith(items, part));
  }

  /** Reads keys, and answers with them and the items that were read before. */
  #answerWith(items: string[], keys: readonly string[]): Answer {
    for (const key of keys) items.push(this.#values.answerFor(key));
    const body = `[${items.join(',')}]`;
    if (body.length <= answerBytesMax) return { status: 200, body };
    this.#world.violated('a call fits through a sidecar', `the answer to ${items.length} keys is too large`);
    return failed;
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
