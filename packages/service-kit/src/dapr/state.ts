import { z } from 'zod';
import { parseJson, requireSuccess } from './answer-errors.js';
import { batchCalls } from './batch-calls.js';
import { DaprError } from './dapr-error.js';
import { shareReads } from './share-reads.js';
import type { SidecarClient } from './sidecar-client.js';

/** How long a state call may take before it counts as failed. A create may wait for calls in flight before that. */
export const stateDeadlineMs = 5000;

/**
 * Creates that arrive while others are in flight share a call: with a hundred purchases at once, the number of calls costs
 * time here and in the sidecar, not the number of keys. Two calls in flight keep the store busy. This many segments of the
 * largest size stay below half of the sidecar's limit of 4 MiB.
 */
const createBatches = { callsMax: 2, itemsMax: 64 };

/** Reads that start together share a call of at most this many keys. Values of the largest size stay below the sidecar's limit. */
const keysPerReadMax = 120;

/** How often an update is tried again after losing a race for its key. */
const updateAttemptsMax = 20;

/** The outcome of a create. A failure can mean different things in different stores: read the key back to know. */
export type CreateOutcome = { created: true } | { created: false; cause: unknown };

type KeyAndValue = { key: string; value: string };

/** What is written in the call of a create. */
type CreateItem = { created: KeyAndValue; saved: KeyAndValue | undefined };

/** A Dapr state store, reduced to what all stores do alike. Values are printable ASCII. */
export type StateStore = {
  /**
   * Creates the key if it is absent, and never throws. Stores refuse an existing key in different ways (409 by MongoDB and
   * SQLite, 500 by Redis and PostgreSQL), and a create that fails may still have created the key. Concurrent creates may
   * share a call and fail together. The same call also saves `saved`, if it is given, whether or not the key is created. That
   * may fail without notice.
   */
  createIfAbsent: (key: string, value: string, saved?: KeyAndValue) => Promise<CreateOutcome>;
  /** Writes the key, whether or not it exists. @throws DaprError */
  save: (key: string, value: string) => Promise<void>;
  /**
   * Replaces the value of a key with the result of `change`. Does nothing if the key does not exist or the result is undefined.
   * Concurrent updates are not lost: `change` is called again with the new value after a lost race, and also after a write that
   * failed but may have succeeded. @throws DaprError
   */
  update: (key: string, change: (value: string) => string | undefined) => Promise<void>;
  /**
   * Reads keys in one call, which it may share with other reads that start at the same time. Keys that do not exist are missing from
   * the result. Aborting the signal cancels it. @throws DaprError
   */
  getBulk: (
    keys: readonly string[],
    options?: { signal?: AbortSignal | undefined },
  ) => Promise<Map<string, string>>;
  /** Deletes the key, if it exists. @throws DaprError */
  delete: (key: string) => Promise<void>;
};

const bulkAnswerSchema = z.array(
  z.object({
    key: z.string(),
    data: z.string().nullish(),
    etag: z.string().optional(),
    error: z.string().optional(),
  }),
);

/** @throws RangeError for a key that Dapr refuses or reads as another app's: `||` separates app and key */
function checkKey(key: string): void {
  if (key === '' || key.includes('||')) throw new RangeError('a state key must not be empty or contain ||');
}

/** @throws RangeError for a value that not every store returns unchanged */
function checkValue(value: string): void {
  if (!/^[\x20-\x7e]+$/.test(value)) throw new RangeError('a state value must be printable ASCII');
}

function saving(saved: KeyAndValue): object {
  return { ...saved, options: { concurrency: 'last-write', consistency: 'strong' } };
}

type Requests = Pick<SidecarClient, 'request'>;

/** The state store of a component. Creates share calls, also those of different requests, so they have a client of their own. */
export function createStateStore(
  { creates, others }: { creates: Requests; others: Requests },
  component: string,
): StateStore {
  const path = `/v1.0/state/${component}`;
  const post = async (client: Requests, items: object[], what: string) => {
    const answer = await client.request({
      method: 'POST',
      path,
      body: JSON.stringify(items),
      deadlineMs: stateDeadlineMs,
    });
    requireSuccess(answer, what);
  };
  // In Dapr, first-write without an etag writes a key only if it does not exist, each key of a call independently.
  const create = batchCalls(
    (items: readonly CreateItem[]) =>
      post(
        creates,
        items.flatMap(({ created, saved }) => [
          { ...created, options: { concurrency: 'first-write', consistency: 'strong' } },
          ...(saved === undefined ? [] : [saving(saved)]),
        ]),
        'a create',
      ),
    createBatches,
  );
  const readKeys = async (keys: readonly string[], signal: AbortSignal | undefined) => {
    const answer = await others.request({
      method: 'POST',
      path: `${path}/bulk`,
      // Reads all keys in parallel: by default, stores without bulk reads take ten at a time.
      body: JSON.stringify({ keys, parallelism: keys.length }),
      deadlineMs: stateDeadlineMs,
      signal,
    });
    requireSuccess(answer, 'a bulk get');
    const parsed = bulkAnswerSchema.safeParse(parseJson(answer.body));
    if (!parsed.success) throw new DaprError('invalid-answer', 'the answer to a bulk get is not valid');
    return new Map(parsed.data.map((item) => [item.key, item]));
  };
  const readShared = shareReads(readKeys, keysPerReadMax);
  const read = async (keys: readonly string[], signal?: AbortSignal) => {
    const found = new Map<string, { value: string; etag: string | undefined }>();
    if (keys.length === 0) return found;
    keys.forEach(checkKey);
    for (const { key, data, etag, error } of (await readShared(keys, signal)).values()) {
      if (error !== undefined && error !== '')
        throw new DaprError('failed', `a key could not be read: ${error}`);
      if (data !== undefined && data !== null) found.set(key, { value: data, etag });
    }
    return found;
  };
  return {
    createIfAbsent: async (key, value, saved) => {
      for (const written of [{ key, value }, ...(saved === undefined ? [] : [saved])]) {
        checkKey(written.key);
        checkValue(written.value);
      }
      try {
        await create({ created: { key, value }, saved });
        return { created: true };
      } catch (thrown) {
        if (thrown instanceof DaprError) return { created: false, cause: thrown };
        throw thrown;
      }
    },
    save: async (key, value) => {
      checkKey(key);
      checkValue(value);
      await post(others, [saving({ key, value })], 'a save');
    },
    update: async (key, change) => {
      for (let attempt = 1; ; attempt += 1) {
        const current = (await read([key])).get(key);
        const value = current && change(current.value);
        if (value === undefined) return;
        checkValue(value);
        const options = { concurrency: 'first-write', consistency: 'strong' };
        try {
          await post(others, [{ key, value, etag: current?.etag, options }], 'an update');
          return;
        } catch (thrown) {
          if (attempt === updateAttemptsMax) throw thrown;
        }
      }
    },
    getBulk: async (keys, { signal } = {}) => {
      const found = await read(keys, signal);
      return new Map([...found].map(([key, { value }]) => [key, value]));
    },
    delete: async (key) => {
      checkKey(key);
      const answer = await others.request({
        method: 'DELETE',
        path: `${path}/${encodeURIComponent(key)}`,
        deadlineMs: stateDeadlineMs,
      });
      requireSuccess(answer, 'a delete');
    },
  };
}
