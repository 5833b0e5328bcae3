import { currentLane, type Lane } from './lanes.js';

/** Reads keys in one call. What it found has no entry for a key that does not exist. */
export type ReadKeys<Value> = (
  keys: readonly string[],
  signal: AbortSignal | undefined,
) => Promise<ReadonlyMap<string, Value>>;

/** A call that has not been made yet. */
type OpenCall<Value> = {
  lane: Lane | undefined;
  signal: AbortSignal | undefined;
  keys: Set<string>;
  found: Promise<ReadonlyMap<string, Value>>;
};

/**
 * Lets reads share calls: those that start in the same turn of the event loop, in the same lane and with the same signal, up to a
 * number of keys. So a request that looks into many logs makes one call for all of them, and requests do not wait for each other. No
 * read waits longer than for the end of the turn. Each one gets its own keys; if a call fails, all its reads fail with its error.
 */
export function shareReads<Value>(call: ReadKeys<Value>, keysMax: number): ReadKeys<Value> {
  const open = new Set<OpenCall<Value>>();

  const prepare = (signal: AbortSignal | undefined): OpenCall<Value> => {
    const keys = new Set<string>();
    // After everything that follows from an earlier answer: the callbacks of promises run before it.
    const turnEnds = new Promise<void>((resolve) => {
      process.nextTick(resolve);
    });
    const found = turnEnds.then(() => {
      open.delete(prepared);
      return call([...keys], signal);
    });
    const prepared = { lane: currentLane(), signal, keys, found };
    open.add(prepared);
    return prepared;
  };

  return async (keys, signal) => {
    const lane = currentLane();
    const joined = [...open].find(
      (each) => each.lane === lane && each.signal === signal && each.keys.size + keys.length <= keysMax,
    );
    const shared = joined ?? prepare(signal);
    for (const key of keys) shared.keys.add(key);
    const found = await shared.found;
    return new Map(
      keys.flatMap((key) => {
        const value = found.get(key);
        return value === undefined ? [] : [[key, value] as const];
      }),
    );
  };
}
