import { describe, expect, test } from '@jest/globals';
import { startFakeSidecar, type Reply, type SeenRequest } from '../../test/fakes/fake-sidecar.js';
import { createDaprGateway, type DaprGateway } from './gateway.js';
import { createSidecarClient } from './sidecar-client.js';

const publication = { component: 'pubsub', topic: 'orders', event: { id: '1' }, partitionKey: 'a b&c' };
const daprError = (status: number, errorCode: string): Reply => ({
  status,
  body: JSON.stringify({ errorCode, message: `${errorCode} happened` }),
});

/** What each failure of the sidecar is to the gateway, whatever the call. */
const failures: [what: string, reply: Reply, failure: string][] = [
  ['refuses', daprError(404, 'ERR_NOT_FOUND'), 'refused'],
  ['fails', daprError(500, 'ERR_PUBSUB_PUBLISH_MESSAGE'), 'failed'],
  ['fails without a word', { status: 502, body: '<html>', type: 'text/html' }, 'failed'],
  ['closes the connection', 'reset', 'no-answer'],
  ['answers rubbish', 'rubbish', 'no-answer'],
  ['redirects', { status: 302 }, 'invalid-answer'],
];

type SentEntry = { entryId: string; event: { id: unknown } };

/** What a bulk publication carried. */
const entriesOf = (request: Pick<SeenRequest, 'body'> | undefined) =>
  JSON.parse(request?.body ?? '[]') as SentEntry[];

const bulkFailure = (failedEntries: object[]): Reply => ({
  status: 500,
  body: JSON.stringify({ failedEntries, errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE' }),
});

async function withSidecar<Result>(
  reply: Reply | ((request: SeenRequest) => Reply),
  work: (
    gateway: ReturnType<typeof createDaprGateway>,
    seen: Awaited<ReturnType<typeof startFakeSidecar>>['seen'],
  ) => Promise<Result>,
): Promise<Result> {
  await using sidecar = await startFakeSidecar((request) =>
    typeof reply === 'function' ? reply(request) : reply,
  );
  const gateway = createDaprGateway(sidecar.port, 'api-token');
  try {
    return await work(gateway, sidecar.seen);
  } finally {
    await gateway.close();
  }
}

describe('publish', () => {
  test('sends the event unchanged with its key and the token, and resolves once it is acknowledged', async () => {
    await withSidecar({ status: 204 }, async (gateway, seen) => {
      await gateway.publish(publication);
      expect(seen).toMatchObject([
        {
          method: 'POST',
          path: '/v1.0/publish/pubsub/orders?metadata.partitionKey=a%20b%26c',
          headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'api-token' },
          body: JSON.stringify(publication.event),
        },
      ]);
    });
  });

  test('puts concurrent publications to a topic into one call', async () => {
    await withSidecar({ status: 204 }, async (gateway, seen) => {
      await Promise.all([1, 2, 3].map((id) => gateway.publish({ ...publication, event: { id } })));
      await gateway.publish({ ...publication, topic: 'refunds' });
      expect(seen.map(({ path }) => path.split('?')[0])).toEqual([
        '/v1.0/publish/bulk/pubsub/orders',
        '/v1.0/publish/pubsub/refunds',
      ]);
      expect(entriesOf(seen[0])).toMatchObject(
        [1, 2, 3].map((id) => ({
          event: { id },
          contentType: 'application/cloudevents+json',
          metadata: { partitionKey: publication.partitionKey },
        })),
      );
    });
  });

  const publishThree = (gateway: DaprGateway) =>
    Promise.allSettled(
      ['good', 'bad', 'good'].map((id) => gateway.publish({ ...publication, event: { id } })),
    );

  test('rejects the entries that the sidecar names as failed and resolves the others', async () => {
    const nameTheBad = ({ body }: SeenRequest): Reply => {
      const bad = entriesOf({ body }).find(({ event }) => event.id === 'bad');
      return bulkFailure([{ entryId: bad?.entryId, error: 'too large' }]);
    };
    await withSidecar(nameTheBad, async (gateway) => {
      const outcomes = await publishThree(gateway);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({ reason: { failure: 'failed', message: 'too large' } });
    });
  });

  test.each([
    ['names no entry', []],
    ['names an unknown entry', [{ entryId: 'stranger', error: 'too large' }]],
  ])(
    'fails with all others where a failure %s: nothing says that they were published',
    async (_what, failed) => {
      await withSidecar(bulkFailure(failed), async (gateway) => {
        const outcomes = await publishThree(gateway);
        expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      });
    },
  );

  test.each(failures)(
    'when the sidecar %s, rejects as %3$s, alone or together',
    async (_what, reply, failure) => {
      await withSidecar(reply, async (gateway) => {
        await expect(gateway.publish(publication)).rejects.toMatchObject({ name: 'DaprError', failure });
        const outcomes = await publishThree(gateway);
        expect(outcomes).toMatchObject(outcomes.map(() => ({ reason: { name: 'DaprError', failure } })));
      });
    },
  );

  test('rejects as not sent when there is no sidecar', async () => {
    const port = await withSidecar({ status: 204 }, () => Promise.resolve(0)).then(async () => {
      await using sidecar = await startFakeSidecar(() => 'hang');
      return sidecar.port;
    });
    const gateway = createDaprGateway(port, undefined);
    await expect(gateway.publish(publication)).rejects.toMatchObject({
      failure: 'not-sent',
      nothingHappened: true,
    });
    await gateway.close();
  });
});

describe('readSecret', () => {
  test('returns the secret with its name', async () => {
    await withSidecar({ status: 200, body: '{"session secret":"s"}' }, async (gateway, seen) => {
      expect(await gateway.readSecret('secretstore', 'session secret')).toBe('s');
      expect(seen).toMatchObject([
        {
          method: 'GET',
          path: '/v1.0/secrets/secretstore/session%20secret',
          headers: { 'dapr-api-token': 'api-token' },
        },
      ]);
    });
  });

  test.each([
    ['nothing', { status: 204 }],
    ['an empty secret', { status: 200, body: '{"name":""}' }],
    ['another secret', { status: 200, body: '{"other":"s"}' }],
    ['something else', { status: 200, body: '["name"]' }],
  ])('rejects when the sidecar answers with %s', async (_what, reply) => {
    await withSidecar(reply, async (gateway) => {
      await expect(gateway.readSecret('secretstore', 'name')).rejects.toMatchObject({
        name: 'DaprError',
        message: 'there is no secret name in secretstore',
      });
    });
  });

  test.each(failures)('when the sidecar %s, rejects as %3$s', async (_what, reply, failure) => {
    await withSidecar(reply, async (gateway) => {
      await expect(gateway.readSecret('secretstore', 'name')).rejects.toMatchObject({ failure });
    });
  });
});

test('a call without an answer rejects at its deadline as possibly performed', async () => {
  await using sidecar = await startFakeSidecar(() => 'hang');
  const client = createSidecarClient(sidecar.port, undefined, { connections: 64, callsMax: 64 });
  const call = client.request({ method: 'POST', path: '/', body: '{}', deadlineMs: 50 });
  await expect(call).rejects.toMatchObject({ failure: 'no-answer', nothingHappened: false });
  void client.close();
});

describe('stateStore', () => {
  test('creates with first-write and no etag', async () => {
    await withSidecar({ status: 204 }, async (gateway, seen) => {
      expect(await gateway.stateStore('store').createIfAbsent('a:1', '{"x":1}')).toEqual({ created: true });
      expect(seen[0]?.path).toBe('/v1.0/state/store');
      expect(JSON.parse(seen[0]?.body ?? '')).toEqual([
        { key: 'a:1', value: '{"x":1}', options: { concurrency: 'first-write', consistency: 'strong' } },
      ]);
    });
  });

  test.each(failures)(
    'when the sidecar %s, a create resolves to not created',
    async (_what, reply, failure) => {
      await withSidecar(reply, async (gateway) => {
        expect(await gateway.stateStore('store').createIfAbsent('a:1', '{}')).toMatchObject({
          created: false,
          cause: { failure },
        });
      });
    },
  );

  test.each(failures)(
    'when the sidecar %s, a save, a delete and a bulk get reject',
    async (_what, reply, failure) => {
      await withSidecar(reply, async (gateway) => {
        const store = gateway.stateStore('store');
        await expect(store.save('a', '{}')).rejects.toMatchObject({ failure });
        await expect(store.delete('a')).rejects.toMatchObject({ failure });
        await expect(store.getBulk(['a'])).rejects.toMatchObject({ failure });
      });
    },
  );

  test('concurrent creates share a call and are refused together', async () => {
    await withSidecar(daprError(409, 'ERR_STATE_SAVE'), async (gateway, seen) => {
      const store = gateway.stateStore('store');
      const outcomes = await Promise.all(['a:1', 'b:1'].map((key) => store.createIfAbsent(key, '{}')));
      expect(outcomes).toMatchObject([{ created: false }, { created: false }]);
      expect(seen.map(({ body }) => (JSON.parse(body) as { key: string }[]).map(({ key }) => key))).toEqual([
        ['a:1', 'b:1'],
      ]);
    });
  });

  test('a create saves another key in the same call', async () => {
    await withSidecar({ status: 204 }, async (gateway, seen) => {
      const hint = { key: 'a', value: '{"segment":16}' };
      expect(await gateway.stateStore('store').createIfAbsent('a:17', '{}', hint)).toEqual({ created: true });
      expect(seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
        [
          { key: 'a:17', value: '{}', options: { concurrency: 'first-write', consistency: 'strong' } },
          { ...hint, options: { concurrency: 'last-write', consistency: 'strong' } },
        ],
      ]);
    });
  });

  test('reads many keys in one call and leaves out those that do not exist', async () => {
    const body = JSON.stringify([
      { key: 'a', data: '{"x":1}', etag: '1' },
      { key: 'b' },
      { key: 'c', data: null },
    ]);
    await withSidecar({ status: 200, body }, async (gateway) => {
      const found = await gateway.stateStore('store').getBulk(['a', 'b', 'c']);
      expect([...found]).toEqual([['a', '{"x":1}']]);
    });
  });

  test('rejects a bulk get if one of its keys cannot be read', async () => {
    const body = JSON.stringify([
      { key: 'a', data: '{}' },
      { key: 'b', error: 'timeout' },
    ]);
    await withSidecar({ status: 200, body }, async (gateway) => {
      await expect(gateway.stateStore('store').getBulk(['a', 'b'])).rejects.toMatchObject({
        failure: 'failed',
      });
    });
  });

  test.each(['hello', '{}', '[{"data":1}]', '[{"key":"a","data":{"x":1}}]', ''])(
    'rejects %j as an answer to a bulk get',
    async (body) => {
      await withSidecar({ status: 200, body }, async (gateway) => {
        await expect(gateway.stateStore('store').getBulk(['a'])).rejects.toMatchObject({
          failure: 'invalid-answer',
        });
      });
    },
  );

  test('refuses keys and values that not every store keeps, before it sends anything', async () => {
    await withSidecar({ status: 204 }, async (gateway, seen) => {
      const store = gateway.stateStore('store');
      await expect(store.save('a||b', '{}')).rejects.toThrow(RangeError);
      await expect(store.createIfAbsent('', '{}')).rejects.toThrow(RangeError);
      await expect(store.getBulk(['a||b'])).rejects.toThrow(RangeError);
      await expect(store.createIfAbsent('a', '{"name":"Zoë"}')).rejects.toThrow(RangeError);
      await expect(store.createIfAbsent('a', '')).rejects.toThrow(RangeError);
      expect(seen).toEqual([]);
    });
  });
});

describe('invoke', () => {
  test.each([200, 404, 503])('resolves to the answer of the other service with status %i', async (status) => {
    await withSidecar({ status, body: '{"a":1}' }, async (gateway, seen) => {
      expect(await gateway.invoke('other', '/things/1?x=2')).toEqual({ status, body: { a: 1 } });
      expect(seen[0]?.path).toBe('/v1.0/invoke/other/method/things/1?x=2');
    });
  });

  test('sends headers to the other service, but not in place of its own token', async () => {
    await withSidecar({ status: 200, body: '{}' }, async (gateway, seen) => {
      const headers = { 'x-colour': 'gr%C3%BCn', 'dapr-api-token': 'of-another-app' };
      await gateway.invoke('other', '/things', { method: 'POST', headers });
      expect(seen).toMatchObject([
        { method: 'POST', headers: { 'x-colour': 'gr%C3%BCn', 'dapr-api-token': 'api-token' } },
      ]);
    });
  });

  test('sends a body as JSON, and ends at its own deadline if it has one', async () => {
    await withSidecar({ status: 200, body: '{}' }, async (gateway, seen) => {
      await gateway.invoke('other', '/things', { method: 'POST', body: { size: 1 } });
      expect(seen).toMatchObject([
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"size":1}' },
      ]);
    });
    await withSidecar('hang', async (gateway) => {
      await expect(gateway.invoke('other', '/', { deadlineMs: 20 })).rejects.toThrow('within 20 ms');
    });
  });

  test('ends a call whose signal aborts', async () => {
    const client = new AbortController();
    const hang = () => {
      setImmediate(() => {
        client.abort();
      });
      return 'hang' as const;
    };
    await withSidecar(hang, async (gateway) => {
      const { signal } = client;
      await expect(gateway.invoke('other', '/', { signal })).rejects.toMatchObject({ failure: 'no-answer' });
    });
  });

  test('rejects an error of the sidecar itself', async () => {
    await withSidecar(daprError(500, 'ERR_DIRECT_INVOKE'), async (gateway) => {
      await expect(gateway.invoke('other', '/')).rejects.toMatchObject({ daprCode: 'ERR_DIRECT_INVOKE' });
    });
  });

  test('resolves without a body if the answer is not JSON', async () => {
    await withSidecar({ status: 200, body: 'hello' }, async (gateway) => {
      expect(await gateway.invoke('other', '/')).toEqual({ status: 200, body: undefined });
    });
  });
});
