import { createStateStore, type StateStore } from '@unity-purchase/service-kit';
import type { VirtualClock } from './virtual-clock.js';

/** How long calls to a sidecar took, in milliseconds: each call takes as long as one of these. */
export type Latencies = { createMs: readonly number[]; readMs: readonly number[] };

/** The creates that a store refused, and their time in milliseconds. */
export type Usage = { refused: number; refusedMs: number };

type Client = Parameters<typeof createStateStore>[0]['others'];
type Answer = Awaited<ReturnType<Client['request']>>;

/** An item of a write. With an etag or `first-write`, it is written only if no one else was faster. */
type WriteItem = { key: string; value: string; etag?: string; options: { concurrency: string } };

/** A store in memory whose calls take virtual time. It has no limits of its own: whatever is asked at once is answered at once. */
export class VirtualStore {
  readonly #clock: VirtualClock;
  readonly #latencies: Latencies;
  readonly #values = new Map<string, { value: string; etag: number }>();
  readonly usage: Usage = { refused: 0, refusedMs: 0 };
  #calls = 0;

  constructor(clock: VirtualClock, latencies: Latencies) {
    this.#clock = clock;
    this.#latencies = latencies;
  }

  /** The product's own client of the store. */
  client(): StateStore {
    const client: Client = { request: ({ method, path, body = '' }) => this.#answer(method, path, body) };
    return createStateStore({ creates: client, others: client }, 'statestore');
  }

  async #answer(method: string, path: string, body: string): Promise<Answer> {
    if (method === 'DELETE') {
      await this.#take('readMs');
      this.#values.delete(decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)));
      return { status: 204, body: '' };
    }
    const parsed = JSON.parse(body) as { keys: string[] } | WriteItem[];
    if (!Array.isArray(parsed)) return this.#read(parsed.keys);
    const isCreate = parsed.some(
      ({ options, etag }) => options.concurrency === 'first-write' && etag === undefined,
    );
    const startMs = this.#clock.nowMs;
    const results = await this.#take('createMs', () => parsed.map((item) => this.#write(item)));
    const isRefused = results.includes(false);
    if (isCreate && isRefused) {
      this.usage.refused += 1;
      this.usage.refusedMs += this.#clock.nowMs - startMs;
    }
    return isRefused ? { status: 409, body: '{"errorCode":"ERR_STATE_SAVE"}' } : { status: 204, body: '' };
  }

  async #read(keys: readonly string[]): Promise<Answer> {
    const items = await this.#take('readMs', () =>
      keys.map((key) => {
        const stored = this.#values.get(key);
        return stored === undefined ? { key } : { key, data: stored.value, etag: String(stored.etag) };
      }),
    );
    return { status: 200, body: JSON.stringify(items) };
  }

  #write({ key, value, etag, options }: WriteItem): boolean {
    const stored = this.#values.get(key);
    const isAllowed =
      etag !== undefined
        ? etag === String(stored?.etag)
        : options.concurrency !== 'first-write' || stored === undefined;
    if (isAllowed) this.#values.set(key, { value, etag: (stored?.etag ?? 0) + 1 });
    return isAllowed;
  }

  /** Lets a call take its time. Its effect is in the middle of it. */
  async #take<Result>(kind: keyof Latencies, effect?: () => Result): Promise<Result> {
    const samples = this.#latencies[kind];
    const ms = samples[(this.#calls += 1) % samples.length] ?? Number.NaN;
    await this.#clock.wait(ms / 2);
    const result = effect?.() as Result;
    await this.#clock.wait(ms / 2);
    return result;
  }
}
