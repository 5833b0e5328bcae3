/** A log that existed before the schedule began. Its segments are written when they are read, however many there are. */
export type EarlierLog = { length: number; segment: (number: number) => string };

type Stored = {
  value: string;
  etag: string;
  /** What the sidecar answers about it: JSON, made once. */ answer?: string;
};

/** The condition of a write: none, that the key is absent, or that its etag has not changed. */
export type Condition = 'none' | 'absent' | { etag: string };

/** What the database holds: it performs one operation at a time and loses nothing. */
export class StoredValues {
  readonly #values = new Map<string, Stored | undefined>();
  readonly earlierLogs = new Map<string, EarlierLog>();
  #version = 0;

  read(key: string): Stored | undefined {
    if (this.#values.has(key)) return this.#values.get(key);
    const value = this.#earlier(key);
    return value === undefined ? undefined : { value, etag: 'earlier' };
  }

  /** What the sidecar answers about a key, as JSON. */
  answerFor(key: string): string {
    const stored = this.read(key);
    if (stored === undefined) return `{"key":${JSON.stringify(key)}}`;
    return (stored.answer ??= JSON.stringify({ key, data: stored.value, etag: stored.etag }));
  }

  /** Writes if the condition holds. Returns whether it did. */
  write(key: string, value: string, condition: Condition): boolean {
    if (condition !== 'none') {
      const current = this.read(key);
      if (condition === 'absent' ? current !== undefined : current?.etag !== condition.etag) return false;
    }
    this.#version += 1;
    this.#values.set(key, { value, etag: String(this.#version) });
    return true;
  }

  delete(key: string): void {
    this.#values.set(key, undefined);
  }

  /** What was written during the schedule. */
  *written(): Generator<[key: string, value: string]> {
    for (const [key, stored] of this.#values) if (stored !== undefined) yield [key, stored.value];
  }

  #earlier(key: string): string | undefined {
    if (this.earlierLogs.size === 0) return undefined;
    const hinted = this.earlierLogs.get(key);
    if (hinted !== undefined) {
      const segment = hinted.length - (hinted.length % 16);
      return segment === 0 ? undefined : JSON.stringify({ segment });
    }
    const colon = key.lastIndexOf(':');
    const log = this.earlierLogs.get(key.slice(0, colon));
    const number = Number(key.slice(colon + 1));
    return log !== undefined && number >= 1 && number <= log.length ? log.segment(number) : undefined;
  }
}
