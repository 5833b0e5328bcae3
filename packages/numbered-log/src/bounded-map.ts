/** A map that forgets what was used longest ago once it holds more than `max`, sparing what must not be dropped yet. */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #max: number;
  readonly #mayDrop: (value: Value) => boolean;

  constructor(max: number, mayDrop: (value: Value) => boolean = () => true) {
    this.#max = max;
    this.#mayDrop = mayDrop;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#touch(key, value);
    for (const [candidate, held] of this.#entries) {
      if (this.#entries.size <= this.#max) return;
      if (candidate !== key && this.#mayDrop(held)) this.#entries.delete(candidate);
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  #touch(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
  }
}
