import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, components } from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/numbered-log';
import { createDaprGateway, type DaprGateway, type StateStore } from '@unity-purchase/service-kit';
import { createCleanup } from '@unity-purchase/tools';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

/** What numbered logs require of a store, tested on a real store through a real sidecar. */
const cleanup = createCleanup();
let shop: TestSystem;
let gateway: DaprGateway;
let store: StateStore;

beforeAll(async () => {
  shop = cleanup.add(await startTestSystem({ apps: [{ appId: appIds.purchaseService }] }));
  gateway = createDaprGateway(shop.system.ports(appIds.purchaseService).daprHttp, undefined);
  cleanup.add({ [Symbol.asyncDispose]: () => gateway.close() });
  store = gateway.stateStore(components.stateStore);
}, 120_000);

afterAll(cleanup.run, 60_000);

const membersOf = (text = '[]') => (JSON.parse(text) as number[]).sort((a, b) => a - b);

const withMember = (text: string, member: number) =>
  JSON.stringify([...new Set([...membersOf(text), member])]);

const read = async (key: string) => (await store.getBulk([key])).get(key);

describe('createIfAbsent', () => {
  test('creates a key once; a second create changes nothing', async () => {
    expect(await store.createIfAbsent('once:1', '{"by":"first"}')).toEqual({ created: true });
    expect(await store.createIfAbsent('once:1', '{"by":"second"}')).toMatchObject({ created: false });
    expect(await read('once:1')).toBe('{"by":"first"}');
  });

  test('by 32 concurrent writers has one winner, whose value is stored', async () => {
    const port = shop.system.ports(appIds.purchaseService).daprHttp;
    const writers = Array.from({ length: 32 }, () => createDaprGateway(port, undefined));
    const outcomes = await Promise.all(
      writers.map((one, writer) =>
        one.stateStore(components.stateStore).createIfAbsent('race:1', JSON.stringify({ writer })),
      ),
    );
    for (const one of writers) await one.close();
    const winners = outcomes.flatMap(({ created }, writer) => (created ? [writer] : []));
    expect(winners).toHaveLength(1);
    expect(await read('race:1')).toBe(JSON.stringify({ writer: winners[0] }));
  });

  test('of a taken and a free key in one call fails for both, although the free one is created', async () => {
    await store.createIfAbsent('taken:1', '{"by":"first"}');
    const both = await Promise.all(
      ['taken:1', 'free:1'].map((key) => store.createIfAbsent(key, '{"by":"second"}')),
    );
    expect(both).toMatchObject([{ created: false }, { created: false }]);
    expect([await read('taken:1'), await read('free:1')]).toEqual(['{"by":"first"}', '{"by":"second"}']);
  });

  test('saves another key in the same call', async () => {
    const hint = (segment: number) => ({ key: 'hinted', value: JSON.stringify({ segment }) });
    await store.save('hinted', '{"segment":1}');
    expect(await store.createIfAbsent('hinted:17', '{"by":"first"}', hint(16))).toEqual({ created: true });
    expect(await read('hinted')).toBe('{"segment":16}');
    expect(await store.createIfAbsent('hinted:17', '{"by":"second"}', hint(16))).toMatchObject({
      created: false,
    });
    expect(await read('hinted:17')).toBe('{"by":"first"}');
    expect(await read('hinted')).toBe('{"segment":16}');
  });

  test('creates a deleted key again', async () => {
    await store.createIfAbsent('gone:1', '{}');
    await store.delete('gone:1');
    expect(await store.createIfAbsent('gone:1', '{"again":true}')).toEqual({ created: true });
  });
});

test('save replaces a value completely', async () => {
  await store.save('saved', '{"a":1,"b":{"x":1,"y":2}}');
  await store.save('saved', '{"a":2}');
  expect(await read('saved')).toBe('{"a":2}');
});

describe('update', () => {
  test('replaces a value with the changed one and writes nothing when there is no change', async () => {
    await store.save('updated', '{"a":1}');
    await store.update('updated', (value) => value.replace('1', '2'));
    expect(await read('updated')).toBe('{"a":2}');
    await store.update('updated', () => undefined);
    expect(await read('updated')).toBe('{"a":2}');
    await store.update('never-there', () => '{}');
    expect(await read('never-there')).toBeUndefined();
  });

  test('by eight concurrent writers loses no change', async () => {
    await store.save('counted', '[]');
    await Promise.all(
      Array.from({ length: 8 }, (_, by) => store.update('counted', (value) => withMember(value, by))),
    );
    expect(membersOf(await read('counted'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});

test('getBulk returns existing keys and leaves out missing ones', async () => {
  await store.save('there', '{}');
  expect([...(await store.getBulk(['there', 'not-there']))]).toEqual([['there', '{}']]);
});

test('deleting a missing key is not an error', async () => {
  await store.delete('never-there');
});

test.each([
  '$where',
  '$$NOW',
  'a.b',
  'he"l\\lo',
  'a\u0000\u0001\u007f\u0085\u200b\n',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'Zoë',
  ']]>',
  "'; --",
])('a value with %j in it comes back as it was', async (text) => {
  const value = asciiJson({ [text]: text, list: [text] });
  await store.save('hostile', value);
  expect(await read('hostile')).toBe(value);
});

test('returns 117 segments of 24 KiB, the most a page reads, in one call', async () => {
  const keys = Array.from({ length: 117 }, (_, index) => `large:${index}`);
  const value = JSON.stringify({ text: 'x'.repeat(24 * 1024) });
  for (const key of keys) await store.save(key, value);
  expect((await store.getBulk(keys)).size).toBe(117);
}, 60_000);

test('a call to an unknown store fails and changes nothing', async () => {
  await expect(gateway.stateStore('nowhere').save('a', '{}')).rejects.toMatchObject({ failure: 'refused' });
});

test('a publication to an unknown topic is not acknowledged', async () => {
  const publication = {
    component: components.pubsub,
    topic: 'no-such-topic',
    event: { id: '1' },
    partitionKey: 'a',
  };
  await expect(gateway.publish(publication)).rejects.toMatchObject({ name: 'DaprError' });
});
