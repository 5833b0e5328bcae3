import type { CreateResult, KeyAndValue, LogStore, ReadOptions } from '../log-store.js';

/** How a create fails: before it does anything, or after it created the key and before the response arrives. */
export type Fault = 'refuse' | 'lose-response';

/** A store in memory, for tests. It records its calls and fails on request. */
export class MemoryLogStore implements LogStore {
  readonly values = new Map<string, string>();
  readonly calls: string[] = [];
  /** How the next creates fail, in this order. */
  readonly createFaults: Fault[] = [];
  /** How many of the next reads fail. */
  readFaults = 0;
  /** How many of the next saves fail. */
  saveFaults = 0;
  /** Runs before each create, so that a test can let another writer win the race. */
  beforeCreate: (key: string) => unknown = () => undefined;

  async createIfAbsent(key: string, value: string, saved?: KeyAndValue): Promise<CreateResult> {
    this.calls.push(`create ${key}`);
    await this.beforeCreate(key);
    if (saved !== undefined && this.saveFaults-- <= 0) this.values.set(saved.key, saved.value);
    const fault = this.createFaults.shift();
    if (fault === 'refuse') return { created: false, cause: new Error('the store is unavailable') };
    const exists = this.values.has(key);
    if (!exists) this.values.set(key, value);
    if (fault === 'lose-response') return { created: false, cause: new Error('no response') };
    return exists ? { created: false, cause: new Error('the key exists') } : { created: true };
  }

  save(key: string, value: string): Promise<void> {
    this.calls.push(`save ${key}`);
    if (this.saveFaults-- > 0) return Promise.reject(new Error('the store is unavailable'));
    this.values.set(key, value);
    return Promise.resolve();
  }

  update(key: string, change: (value: string) => string | undefined): Promise<void> {
    this.calls.push(`update ${key}`);
    const value = this.values.get(key);
    const changed = value === undefined ? undefined : change(value);
    if (changed !== undefined) this.values.set(key, changed);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.calls.push(`delete ${key}`);
    this.values.delete(key);
    return Promise.resolve();
  }

  getBulk(keys: readonly string[], { signal }: ReadOptions = {}): Promise<Map<string, string>> {
    if (signal?.aborted === true) return Promise.reject(toError(signal.reason));
    this.calls.push(`get ${keys.length}`);
    if (this.readFaults-- > 0) return Promise.reject(new Error('the store is unavailable'));
    return Promise.resolve(
      new Map(
        keys.flatMap((key) => (this.values.has(key) ? [[key, this.values.get(key) ?? ''] as const] : [])),
      ),
    );
  }

  /** The calls that were made while `work` ran. */
  async callsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.calls.length;
    await work();
    return this.calls.slice(before);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('the read was cancelled');
}
