/** A map of at most `max` entries. It drops the least recently used entry for which `mayDrop` returns true. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #max: number;
  readonly #mayDrop: (value: Value) => boolean;

  constructor(max: number, mayDrop: (value: Value) => boolean = () => true) {
    this.#max = max;
    this.#mayDrop = mayDrop;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#markAsUsed(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#markAsUsed(key, value);
    for (const [candidate, held] of this.#entries) {
      if (this.#entries.size <= this.#max) return;
      if (candidate !== key && this.#mayDrop(held)) this.#entries.delete(candidate);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #markAsUsed(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
