/** Disposes of resources that were opened one after another, even if opening a later one fails. */
export type Cleanup = AsyncDisposable & {
  /** Registers a resource to dispose of and returns it. */
  add: <Resource extends AsyncDisposable>(resource: Resource) => Resource;
  /** Disposes of every resource, the last one first. A failure does not stop the rest; rejects with the first failure. */
  run: () => Promise<void>;
};

/** Returns a cleanup without resources. */
export function createCleanup(): Cleanup {
  const resources: AsyncDisposable[] = [];
  const run = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const resource of resources.splice(0).reverse())
      try {
        await resource[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  };
  return {
    add: (resource) => {
      resources.push(resource);
      return resource;
    },
    run,
    [Symbol.asyncDispose]: run,
  };
}
