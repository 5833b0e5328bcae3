/** Why a create did not succeed says nothing certain: see `createIfAbsent`. */
export type CreateResult = { created: true } | { created: false; cause: unknown };

/** What a numbered log needs of a store. Every call may reject when the store cannot be reached. */
export type LogStore = {
  /**
   * Creates the key if it is absent, in one atomic step. `created: false` may mean that the key was taken, that the store
   * failed, or that the answer was lost after the key was created: only reading the key tells.
   */
  createIfAbsent: (key: string, value: string) => Promise<CreateResult>;
  /** Writes the key, whatever is there. */
  save: (key: string, value: string) => Promise<void>;
  /**
   * Exchanges the value of a key for what `change` makes of it; nothing, if that is undefined or there is none. Of changes at
   * the same time none is lost: `change` may be called again with what another made of it.
   */
  update: (key: string, change: (value: string) => string | undefined) => Promise<void>;
  /** Deletes the key; one that is not there is no error. */
  delete: (key: string) => Promise<void>;
  /** Reads keys in one call; those that are not there are missing from the result. */
  getBulk: (keys: readonly string[]) => Promise<Map<string, string>>;
};
