/** The outcome of a create. `created: false` is not certain: see `createIfAbsent`. */
export type CreateResult = { created: true } | { created: false; cause: unknown };

export type KeyAndValue = { key: string; value: string };

/** Aborting the signal cancels a read that is no longer needed. */
export type ReadOptions = { signal?: AbortSignal | undefined };

/** What a numbered log needs from a store. Values are printable ASCII. Every call may reject if the store is unavailable. */
export type LogStore = {
  /**
   * Creates the key if it is absent, in one atomic step. `created: false` means that the key exists, or that the store
   * failed, or that the response was lost after the key was created. Only reading the key shows which. The same call also
   * saves `saved`, if it is given, in any order and whether or not the key is created. That may fail without notice.
   */
  createIfAbsent: (key: string, value: string, saved?: KeyAndValue) => Promise<CreateResult>;
  /** Writes the key, whether or not it exists. */
  save: (key: string, value: string) => Promise<void>;
  /**
   * Replaces the value of a key with what `change` returns. Writes nothing if that is undefined or the key does not exist.
   * Concurrent changes never overwrite each other: `change` is called again with the other change's result.
   */
  update: (key: string, change: (value: string) => string | undefined) => Promise<void>;
  /** Deletes the key if it exists. */
  delete: (key: string) => Promise<void>;
  /**
   * Reads several keys in one call. The result contains only keys that exist. It rejects as soon as the signal aborts, if
   * there is one.
   */
  getBulk: (keys: readonly string[], options?: ReadOptions) => Promise<Map<string, string>>;
};
