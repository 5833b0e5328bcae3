import type { CreateResult, LogStore } from '../log-store.js';

/** How the next calls fail: before anything is done, or after it was done but before the answer. */
export type Fault = 'refuse' | 'lose-answer';

/** A store in memory that counts its calls and fails when it is told to. */
export class MemoryLogStore implements LogStore {
  readonly values = new Map<string, string>();
  readonly calls: string[] = [];
  readonly createFaults: Fault[] = [];
  readFaults = 0;
  saveFaults = 0;
  /** Runs before each create: another writer gets its chance. */
  beforeCreate: (key: string) => unknown = () => undefined;

  async createIfAbsent(key: string, value: string): Promise<CreateResult> {
    this.calls.push(`create ${key}`);
    await this.beforeCreate(key);
    const fault = this.createFaults.shift();
    if (fault === 'refuse') return { created: false, cause: new Error('the store is away') };
    const taken = this.values.has(key);
    if (!taken) this.values.set(key, value);
    if (fault === 'lose-answer') return { created: false, cause: new Error('no answer') };
    return taken ? { created: false, cause: new Error('taken') } : { created: true };
  }

  save(key: string, value: string): Promise<void> {
    this.calls.push(`save ${key}`);
    if (this.saveFaults-- > 0) return Promise.reject(new Error('the store is away'));
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

  getBulk(keys: readonly string[]): Promise<Map<string, string>> {
    this.calls.push(`get ${keys.length}`);
    if (this.readFaults-- > 0) return Promise.reject(new Error('the store is away'));
    return Promise.resolve(
      new Map(
        keys.flatMap((key) => (this.values.has(key) ? [[key, this.values.get(key) ?? ''] as const] : [])),
      ),
    );
  }

  /** What the calls made while `work` ran were. */
  async callsDuring(work: () => Promise<unknown>): Promise<string[]> {
    const before = this.calls.length;
    await work();
    return this.calls.slice(before);
  }
}
