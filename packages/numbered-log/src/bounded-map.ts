/**
 * A map of at most `max` entries, or of entries whose sizes add up to at most `max`. It drops the least recently used entries
 * for which `mayDrop` returns true.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, { value: Value; size: number }>();
  readonly #max: number;
  readonly #mayDrop: (value: Value) => boolean;
  #size = 0;

  constructor(max: number, mayDrop: (value: Value) => boolean = () => true) {
    this.#max = max;
    this.#mayDrop = mayDrop;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Adds or replaces an entry. Call it again when the size of the value has changed. */
  set(key: Key, value: Value, size = 1): void {
    this.delete(key);
    this.#entries.set(key, { value, size });
    this.#size += size;
    for (const [candidate, held] of this.#entries) {
      if (this.#size <= this.#max) return;
      if (candidate !== key && this.#mayDrop(held.value)) this.delete(candidate);
    }
  }

  /** All values, the least recently used first. */
  *values(): Generator<Value> {
    for (const { value } of this.#entries.values()) yield value;
  }

  delete(key: Key): void {
    this.#size -= this.#entries.get(key)?.size ?? 0;
    this.#entries.delete(key);
  }
}
