import { z } from 'zod';
import { parseJson, requireSuccess } from './answer-errors.js';
import { batchCalls } from './batch-calls.js';
import { DaprError } from './dapr-error.js';
import type { SidecarClient } from './sidecar-client.js';

/** One state call may take this long before it counts as failed; a create may wait for the calls under way before. */
const stateDeadlineMs = 5000;

/**
 * Creates that come while others are under way share a call: at a hundred purchases at once it is the number of calls that
 * costs, here and in the sidecar, not the keys. Two calls at once keep the store busy while an answer is on its way; so
 * many segments of the largest size stay below half of the sidecar's limit of 4 MiB.
 */
const createBatches = { callsMax: 2, itemsMax: 64 };

/** Another who changes the same key wins; more often than this in a row nobody does. */
const updateAttemptsMax = 20;

/** How an attempt to create a key ended. What a failure means differs by store: read the key to know. */
export type CreateOutcome = { created: true } | { created: false; cause: unknown };

/** A state store as Dapr offers it, reduced to what every store does alike. Values are texts of printable ASCII. */
export type StateStore = {
  /**
   * Creates the key if it is absent. A taken key is refused in a different way by every store (409 by MongoDB and
   * SQLite, a plain 500 by Redis and PostgreSQL), and a failure may have created it all the same: never throws, and
   * never says why. Creates at the same time may travel, and fail, together.
   */
  createIfAbsent: (key: string, value: string) => Promise<CreateOutcome>;
  /** Writes the key, whatever is there. @throws DaprError */
  save: (key: string, value: string) => Promise<void>;
  /**
   * Exchanges the value of a key for what `change` makes of it; nothing, if that is undefined or there is none. Of changes at
   * the same time none is lost: `change` is called again with what another made of it, and also where a write may have
   * succeeded. @throws DaprError
   */
  update: (key: string, change: (value: string) => string | undefined) => Promise<void>;
  /** Reads keys in one call; those that are not there are missing from the result. @throws DaprError */
  getBulk: (keys: readonly string[]) => Promise<Map<string, string>>;
  /** Deletes the key; one that is not there is no error. @throws DaprError */
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

/**
 * @throws RangeError for a key that Dapr would refuse or take for another app's (`||` parts app and key), or a value
 * that not every store returns as it was.
 */
function checkKey(key: string): void {
  if (key === '' || key.includes('||')) throw new RangeError('a state key must not be empty or contain ||');
}

function checkValue(value: string): void {
  if (!/^[\x20-\x7e]+$/.test(value)) throw new RangeError('a state value must be printable ASCII');
}

/** The state store `component` behind the sidecar. */
export function createStateStore(client: SidecarClient, component: string): StateStore {
  const path = `/v1.0/state/${component}`;
  const post = async (items: object[], what: string) => {
    const answer = await client.request({
      method: 'POST',
      path,
      body: JSON.stringify(items),
      deadlineMs: stateDeadlineMs,
    });
    requireSuccess(answer, what);
  };
  // Dapr: first-write without an etag writes only if nothing is there; each key of a call on its own.
  const create = batchCalls(
    (items: readonly { key: string; value: string }[]) =>
      post(
        items.map((item) => ({
          ...item,
          options: { concurrency: 'first-write', consistency: 'strong' },
        })),
        'a create',
      ),
    createBatches,
  );
  const read = async (keys: readonly string[]) => {
    const found = new Map<string, { value: string; etag: string | undefined }>();
    if (keys.length === 0) return found;
    keys.forEach(checkKey);
    const answer = await client.request({
      method: 'POST',
      path: `${path}/bulk`,
      // As many at once as there are keys: the stores that read one by one would otherwise take ten at a time.
      body: JSON.stringify({ keys, parallelism: keys.length }),
      deadlineMs: stateDeadlineMs,
    });
    requireSuccess(answer, 'a bulk get');
    const parsed = bulkAnswerSchema.safeParse(parseJson(answer.body));
    if (!parsed.success)
      throw new DaprError('invalid-answer', 'the sidecar answered a bulk get with something else');
    for (const { key, data, etag, error } of parsed.data) {
      if (error !== undefined && error !== '')
        throw new DaprError('failed', `a key could not be read: ${error}`);
      if (data !== undefined && data !== null) found.set(key, { value: data, etag });
    }
    return found;
  };
  return {
    createIfAbsent: async (key, value) => {
      checkKey(key);
      checkValue(value);
      try {
        await create({ key, value });
        return { created: true };
      } catch (thrown) {
        if (thrown instanceof DaprError) return { created: false, cause: thrown };
        throw thrown;
      }
    },
    save: async (key, value) => {
      checkKey(key);
      checkValue(value);
      await post([{ key, value, options: { concurrency: 'last-write', consistency: 'strong' } }], 'a save');
    },
    update: async (key, change) => {
      for (let attempt = 1; ; attempt += 1) {
        const current = (await read([key])).get(key);
        const value = current && change(current.value);
        if (value === undefined) return;
        checkValue(value);
        const options = { concurrency: 'first-write', consistency: 'strong' };
        try {
          await post([{ key, value, etag: current?.etag, options }], 'an update');
          return;
        } catch (thrown) {
          if (attempt === updateAttemptsMax) throw thrown;
        }
      }
    },
    getBulk: async (keys) => {
      const found = await read(keys);
      return new Map([...found].map(([key, { value }]) => [key, value]));
    },
    delete: async (key) => {
      checkKey(key);
      const answer = await client.request({
        method: 'DELETE',
        path: `${path}/${encodeURIComponent(key)}`,
        deadlineMs: stateDeadlineMs,
      });
      requireSuccess(answer, 'a delete');
    },
  };
}
