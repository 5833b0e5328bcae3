import { setTimeout as delay } from 'node:timers/promises';
import {
  appIds,
  components,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  topics,
} from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/numbered-log';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { waitForMessages } from '@unity-purchase/tools/test-clients';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { tryAnyKey } from './any-key.js';
import { hostileNames, hostileTexts, unprintableNames } from './hostile-names.js';
import { malformedEvents } from './malformed-events.js';
import { readInside } from './inside.js';
import { waitForBacklog, type TestBed } from './test-bed.js';
import type { PromiseId } from './promises.js';

/** Concurrent buyers: enough to keep two cores busy. */
const concurrency = 16;

/** The number of purchases in a stream. */
const streamLength = 200;

/** Purchases accepted before something is killed, so that the stream is under way. */
const killAfter = 40;

/** How long a killed process stays down. */
const outageMs = 1_000;

/**
 * How long the broker is stopped in `broker-away`. Three minutes are longer than any client's own limit; with
 * CONFORMANCE_OUTAGE_MINUTES=15, a run also covers delays that grow with an outage.
 */
export const awayMs = Number(process.env['CONFORMANCE_OUTAGE_MINUTES'] ?? '3') * 60_000;

const recoveredWithinSeconds = 30;

/** How long a history may be unreadable at a time: a busy machine answers late, which is not part of the outage. */
const readableWithinMs = 5_000;

/** About as long as a service takes to start on a busy machine, so that its sidecar fails to reach it several times. */
const serviceOutageMs = 6_000;

/**
 * Tests a promise on a system in which everything accepted must be recorded within `timeoutMs`. Resolves to the observation
 * for the report; rejects with the violation.
 */
export type Scenario = (testBed: TestBed, timeoutMs: number) => Promise<string>;

export const scenarios: Readonly<Record<PromiseId, Scenario>> = {
  early: async ({ buyers }, timeoutMs) => {
    await buyers.waitUntilRecorded(timeoutMs);
    await buyers.reconcile();
    return `${buyers.acceptedCount} purchases`;
  },

  'create-once': async ({ openWriter }) => {
    const writers = Array.from({ length: 32 }, openWriter);
    const outcomes = await Promise.all(
      writers.map((gateway, writer) =>
        gateway
          .stateStore(components.stateStore)
          .createIfAbsent('conformance-race:1', JSON.stringify({ writer })),
      ),
    );
    for (const gateway of writers) await gateway.close();
    const gateway = openWriter();
    const store = gateway.stateStore(components.stateStore);
    const winners = outcomes.flatMap(({ created }, writer) => (created ? [writer] : []));
    const kept = (await store.getBulk(['conformance-race:1'])).get('conformance-race:1');
    if (winners.length !== 1 || kept !== JSON.stringify({ writer: winners[0] }))
      throw new Error(`${winners.length} of 32 creates won, and the store holds ${kept ?? 'nothing'}`);
    await store.save('conformance-change', '{}');
    const changers = Array.from({ length: 8 }, openWriter);
    await Promise.all(
      changers.map((changer, index) =>
        changer.stateStore(components.stateStore).update('conformance-change', (text) => {
          const all = { ...(JSON.parse(text) as object), [`changer-${index}`]: true };
          return JSON.stringify(all);
        }),
      ),
    );
    for (const changer of changers) await changer.close();
    const changed = (await store.getBulk(['conformance-change'])).get('conformance-change') ?? '{}';
    const changes = Object.keys(JSON.parse(changed) as object).length;
    if (changes !== changers.length)
      throw new Error(`${changes} of ${changers.length} concurrent changes were kept`);
    for (const text of hostileTexts) {
      const value = asciiJson({ [text]: text, list: [text] });
      await store.save('conformance-text', value);
      const back = (await store.getBulk(['conformance-text'])).get('conformance-text');
      if (back !== value) throw new Error(`${JSON.stringify(text)} came back as ${back ?? 'nothing'}`);
    }
    for (const key of ['conformance-race:1', 'conformance-change', 'conformance-text'])
      await store.delete(key);
    await gateway.close();
    return `one winner; all ${changes} concurrent changes kept; ${hostileTexts.length} hostile texts unchanged`;
  },

  'exactly-once': async (testBed, timeoutMs) => {
    const { buyers, shop } = testBed;
    const { system } = shop;
    const replica = `${appIds.purchaseService}-2`;
    await system.addReplica({
      appId: appIds.purchaseService,
      name: replica,
      env: { INSTANCE_NAME: replica },
    });
    const recordedBefore = await testBed.metric('purchases_recorded_total');
    try {
      const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Radia']);
      let bought = 0;
      let [byFirst, bySecond] = [0, 0];
      // Both replicas must take part, or the test proves nothing. Some brokers give a short stream to one replica alone.
      for (const endMs = performance.now() + timeoutMs; Math.min(byFirst, bySecond) === 0;) {
        if (performance.now() > endMs) throw new Error('one of the two replicas recorded nothing');
        await buyers.buyMany(shoppers, streamLength, { concurrency, copies: 3 });
        bought += streamLength;
        await buyers.waitUntilRecorded(timeoutMs);
        byFirst = (await testBed.metric('purchases_recorded_total')) - recordedBefore;
        bySecond = await testBed.metric('purchases_recorded_total', replica);
      }
      await buyers.reconcile();
      return `${bought} purchases sent three times each, recorded by two replicas (${byFirst} + ${bySecond})`;
    } finally {
      await system.process(`${replica}-sidecar`).stop();
      await system.process(replica).stop();
    }
  },

  order: async ({ buyers }, timeoutMs) => {
    const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
    const each = 50;
    await Promise.all(shoppers.map((shopper) => buyers.buyMany([shopper], each, { concurrency: 1 })));
    await buyers.waitUntilRecorded(timeoutMs);
    let moved = 0;
    for (const shopper of shoppers) {
      const recorded = await buyers.recordedOrder(shopper);
      moved += buyers.acceptedOrder(shopper).filter((id, index) => recorded[index] !== id).length;
    }
    const total = each * shoppers.length;
    if (moved > 0) throw new Error(`${moved} of ${total} purchases are recorded in another order`);
    return `${total} purchases of ${shoppers.length} shoppers`;
  },

  retried: async (testBed, timeoutMs) => {
    const { buyers, faults, broker } = testBed;
    const [shopper] = await buyers.signIn(['Ada']);
    if (shopper === undefined) throw new Error('no shopper is signed in');
    const deadBefore = (await broker.messages(topics.deadLetters)).length;
    const retriedBefore = await testBed.metric('purchase_events_retried_total');
    faults.failWrites(6);
    try {
      await buyers.buy(shopper);
      await buyers.waitUntilRecorded(timeoutMs);
    } finally {
      faults.failWrites(0);
    }
    const retried = (await testBed.metric('purchase_events_retried_total')) - retriedBefore;
    const dead = (await broker.messages(topics.deadLetters)).length - deadBefore;
    if (retried < 2) throw new Error(`the handler failed only ${retried} times`);
    if (dead > 0) throw new Error('it became a dead letter');
    await buyers.reconcile();
    return `failed ${retried} times, then recorded`;
  },

  poison: async ({ buyers, broker, publisher, shop }, timeoutMs) => {
    const shoppers = await buyers.signIn(['Ada', 'Grace']);
    const before = (await broker.messages(topics.deadLetters)).length;
    const id = v7();
    await publisher.publish({
      component: components.pubsub,
      topic: topics.purchaseEvents,
      event: { specversion: '1.0', id, source: 'conformance', type: 'purchase.placed.v999', data: {} },
      partitionKey: shoppers[0]?.id ?? '',
    });
    await buyers.buyMany(shoppers, concurrency, { concurrency: 4 });
    await buyers.waitUntilRecorded(timeoutMs);
    await waitForMessages(broker, topics.deadLetters, before + 1);
    const dead = (await broker.messages(topics.deadLetters)).slice(before);
    if (dead.length !== 1 || !dead[0]?.includes(id))
      throw new Error(`the dead letters hold ${dead.length} new events`);
    await waitUntil(async () => {
      const kept = await textsOfDeadLetters(shop.system.url(appIds.purchaseService));
      const count = kept.filter((text) => text.includes(id)).length;
      return count === 1 || `the purchase-service keeps it ${count} times`;
    }, timeoutMs);
    return `one dead letter, kept for operators; ${concurrency} others recorded`;
  },

  'any-key': tryAnyKey,

  malformed: async (testBed, timeoutMs) => {
    const { buyers, broker, shop } = testBed;
    const sidecar = shop.system.process(`${appIds.purchaseService}-sidecar`);
    const { pid } = sidecar;
    const shoppers = await buyers.signIn(['Ada', 'Grace']);
    const before = (await broker.messages(topics.deadLetters)).length;
    const refused: string[] = [];
    const published: string[] = [];
    for (const { what, content, headers } of malformedEvents())
      await broker.publish(topics.purchaseEvents, content, headers).then(
        () => published.push(what),
        () => refused.push(what),
      );
    await buyers.buyMany(shoppers, concurrency, { concurrency: 4 });
    await buyers.waitUntilRecorded(timeoutMs);
    await waitForMessages(broker, topics.deadLetters, before + published.length);
    if (sidecar.pid !== pid) throw new Error('the sidecar of the purchase-service ended');
    // What was not acknowledged is delivered again, and would end the next sidecar, too.
    await testBed.stopConsumer();
    await testBed.startConsumer();
    await buyers.buyMany(shoppers, concurrency, { concurrency: 4 });
    await buyers.waitUntilRecorded(timeoutMs);
    await buyers.reconcile();
    const byBroker = refused.length === 0 ? '' : `; the broker refused ${refused.join(', ')}`;
    return `${published.length} dead letters; ${2 * concurrency} others recorded, half of them after a restart${byBroker}`;
  },

  refused: async ({ buyers, broker }, timeoutMs) => {
    const shoppers = await buyers.signIn(Array.from({ length: 9 }, (_, index) => `Ada ${index}`));
    const endRefusal = await broker.refuse(topics.purchaseEvents);
    if (endRefusal === undefined) return 'the broker cannot refuse';
    const tried = await Promise.all(shoppers.map((shopper) => buyers.tryOnce(shopper))).finally(endRefusal);
    const accepted = tried.filter((one) => one.accepted).length;
    await Promise.all(tried.map(({ insist }) => insist()));
    await buyers.waitUntilRecorded(timeoutMs);
    await buyers.reconcile();
    if (accepted > 0) throw new Error(`${accepted} of ${tried.length} refused purchases were accepted`);
    return `none of ${tried.length} was accepted; all were recorded when they were sent again`;
  },

  'service-killed': (testBed, timeoutMs) =>
    disturbStream(testBed, timeoutMs, () => testBed.killAndRestart(appIds.purchaseService, serviceOutageMs)),

  'sidecar-killed': (testBed, timeoutMs) =>
    disturbStream(testBed, timeoutMs, () =>
      testBed.killAndRestart(`${appIds.purchaseService}-sidecar`, outageMs),
    ),

  'broker-killed': (testBed, timeoutMs) =>
    disturbStream(testBed, timeoutMs, () => testBed.killAndRestart(testBed.brokerServer.name, outageMs)),

  'broker-away': async (testBed, timeoutMs) => {
    const { buyers, brokerServer } = testBed;
    const [shopper] = await buyers.signIn(['Ada']);
    if (shopper === undefined) throw new Error('no shopper is signed in');
    await buyers.buy(shopper);
    await buyers.waitUntilRecorded(timeoutMs);
    await brokerServer.kill();
    try {
      for (const endMs = performance.now() + awayMs; performance.now() < endMs;) {
        await waitUntil(
          () => shopper.history().then(({ purchases }) => purchases.length === 1 || 'it changed', String),
          readableWithinMs,
        );
        await delay(1_000);
      }
    } finally {
      await brokerServer.start();
    }
    const backMs = performance.now();
    const secondsSince = () => (performance.now() - backMs) / 1_000;
    await buyers.buy(shopper);
    const accepted = secondsSince();
    await buyers.waitUntilRecorded(timeoutMs);
    const recorded = secondsSince();
    const seen = `accepted ${accepted.toFixed(1)} s and recorded ${recorded.toFixed(1)} s after the broker's return`;
    if (recorded > recoveredWithinSeconds) throw new Error(seen);
    await buyers.reconcile();
    return `${awayMs / 60_000} minutes without the broker; ${seen}`;
  },

  'store-killed': (testBed, timeoutMs) =>
    disturbStream(testBed, timeoutMs, async () => {
      await testBed.killStore();
      await delay(outageMs);
      await testBed.startStore();
    }),

  backlog: async (testBed, timeoutMs) => {
    const { buyers } = testBed;
    const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
    await testBed.stopConsumer();
    let held: number | undefined;
    try {
      await buyers.buyMany(shoppers, streamLength, { concurrency });
      held = await waitForBacklog(testBed, timeoutMs, (count) => count >= streamLength);
    } finally {
      await testBed.startConsumer();
    }
    const startedMs = performance.now();
    await buyers.waitUntilRecorded(timeoutMs);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    await waitForBacklog(testBed, timeoutMs, (count) => count === 0);
    await buyers.reconcile();
    return `a backlog of ${held ?? streamLength} events was recorded in ${seconds} s`;
  },

  'byte-for-byte': async (testBed, timeoutMs) => {
    const { buyers } = testBed;
    const count = 10_000;
    const names = Array.from(
      { length: count / 100 },
      (_, index) => hostileNames[index % hostileNames.length] ?? '',
    );
    const shoppers = await buyers.signIn(names);
    await buyers.buyMany(shoppers, count - unprintableNames.length, { concurrency: 2 * concurrency });
    const [shopper] = shoppers;
    for (const name of unprintableNames)
      if (shopper !== undefined) await buyers.placeAs(name, shopper, testBed.publisher.publish);
    await buyers.waitUntilRecorded(4 * timeoutMs);
    await buyers.reconcile();
    return `${count} purchases of ${shoppers.length} shoppers with ${hostileNames.length + unprintableNames.length} names`;
  },

  inside: async (testBed, timeoutMs) => {
    await waitForBacklog(testBed, timeoutMs, (count) => count === 0);
    return testBed.whileStoreIsClosed(() => readInside(testBed));
  },
};

/** The contents of the newest dead letters in the purchase-service. */
async function textsOfDeadLetters(purchaseService: string): Promise<string[]> {
  const deadLetters = await listDeadLetters(purchaseService);
  const details = await Promise.all(
    deadLetters.map(async ({ id }): Promise<unknown> =>
      (await fetch(`${purchaseService}${deadLetterApiPath}/${id}`)).json(),
    ),
  );
  return details.map((letter) => deadLetterDetailsSchema.parse(letter).text ?? '');
}

/** Runs `disturb` in the middle of a stream of purchases and expects every accepted one to be recorded once. */
async function disturbStream(
  testBed: TestBed,
  timeoutMs: number,
  disturb: () => Promise<void>,
): Promise<string> {
  const { buyers } = testBed;
  const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
  let accepted = 0;
  const buying = buyers.buyMany(shoppers, streamLength, {
    concurrency,
    onAccepted: (count) => {
      accepted = count;
    },
  });
  try {
    await waitUntil(() => accepted >= killAfter || `${accepted} purchases are accepted`, timeoutMs);
    await disturb();
  } finally {
    await buying;
  }
  const startedMs = performance.now();
  await buyers.waitUntilRecorded(timeoutMs);
  await buyers.reconcile();
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  return `${streamLength} accepted and recorded, the last one ${seconds} s after the last acceptance`;
}
