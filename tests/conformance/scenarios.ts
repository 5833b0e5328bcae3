import { setTimeout as delay } from 'node:timers/promises';
import {
  appIds,
  components,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  topics,
} from '@unity-purchase/contracts';
import { asciiJson } from '@unity-purchase/service-kit';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { waitForMessages } from '../system/brokers/broker-client.js';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { hostileNames, hostileTexts, unprintableNames } from './hostile-names.js';
import { readInside } from './inside.js';
import { waitForBacklog, type Lab } from './lab.js';
import type { PromiseId } from './promises.js';

/** Buyers at the same time: as many as keep two cores busy. */
const atOnce = 16;

/** How many purchases make up a stream. */
const streamLength = 200;

/** By then, the stream flows. */
const killAfter = 40;

/** How long what is killed stays away. */
const outageMs = 1_000;

/** As long as a service takes to start on a busy machine: its sidecar finds nobody meanwhile, several times over. */
const serviceOutageMs = 6_000;

/**
 * Tries a promise on a lab, where everything accepted must be recorded within `patienceMs`. Resolves to what was seen, for
 * the report; rejects with what was broken.
 */
export type Scenario = (lab: Lab, patienceMs: number) => Promise<string>;

export const scenarios: Readonly<Record<PromiseId, Scenario>> = {
  early: async ({ buyers }, patienceMs) => {
    await buyers.waitUntilRecorded(patienceMs);
    await buyers.reconcile();
    return `${buyers.acceptedCount} purchases`;
  },

  'create-once': async ({ openRecorder }) => {
    const writers = Array.from({ length: 32 }, openRecorder);
    const outcomes = await Promise.all(
      writers.map((gateway, writer) =>
        gateway
          .stateStore(components.stateStore)
          .createIfAbsent('conformance-race:1', JSON.stringify({ writer })),
      ),
    );
    for (const gateway of writers) await gateway.close();
    const gateway = openRecorder();
    const store = gateway.stateStore(components.stateStore);
    const winners = outcomes.flatMap(({ created }, writer) => (created ? [writer] : []));
    const kept = (await store.getBulk(['conformance-race:1'])).get('conformance-race:1');
    if (winners.length !== 1 || kept !== JSON.stringify({ writer: winners[0] }))
      throw new Error(`${winners.length} of 32 won, and the store kept ${kept ?? 'nothing'}`);
    await store.save('conformance-change', '{}');
    const changers = Array.from({ length: 8 }, openRecorder);
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
    if (changes !== changers.length) throw new Error(`${changes} of ${changers.length} changes are there`);
    for (const text of hostileTexts) {
      const value = asciiJson({ [text]: text, list: [text] });
      await store.save('conformance-text', value);
      const back = (await store.getBulk(['conformance-text'])).get('conformance-text');
      if (back !== value) throw new Error(`${JSON.stringify(text)} came back as ${back ?? 'nothing'}`);
    }
    for (const key of ['conformance-race:1', 'conformance-change', 'conformance-text'])
      await store.delete(key);
    await gateway.close();
    return `one winner; ${changes} changes at once all there; ${hostileTexts.length} hostile texts unchanged`;
  },

  'exactly-once': async (lab, patienceMs) => {
    const { buyers, shop } = lab;
    const { system } = shop;
    const replica = `${appIds.purchaseService}-2`;
    await system.addReplica({
      appId: appIds.purchaseService,
      name: replica,
      env: { INSTANCE_NAME: replica },
    });
    const recordedBefore = await lab.metric('purchases_recorded_total');
    try {
      const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Radia']);
      let bought = 0;
      let [byFirst, bySecond] = [0, 0];
      // Both must have taken part, or it proves nothing; some brokers hand a short stream to one of them alone.
      for (const endMs = performance.now() + patienceMs; Math.min(byFirst, bySecond) === 0;) {
        if (performance.now() > endMs) throw new Error('one of the two replicas recorded nothing');
        await buyers.buyMany(shoppers, streamLength, { atOnce, sendings: 3 });
        bought += streamLength;
        await buyers.waitUntilRecorded(patienceMs);
        byFirst = (await lab.metric('purchases_recorded_total')) - recordedBefore;
        bySecond = await lab.metric('purchases_recorded_total', replica);
      }
      await buyers.reconcile();
      return `${bought} bought three times each, recorded by two replicas (${byFirst} + ${bySecond})`;
    } finally {
      await system.process(`${replica}-sidecar`).stop();
      await system.process(replica).stop();
    }
  },

  order: async ({ buyers }, patienceMs) => {
    const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
    const each = 50;
    await Promise.all(shoppers.map((shopper) => buyers.buyMany([shopper], each, { atOnce: 1 })));
    await buyers.waitUntilRecorded(patienceMs);
    let moved = 0;
    for (const shopper of shoppers) {
      const recorded = await buyers.recordedOrder(shopper);
      moved += buyers.acceptedOrder(shopper).filter((id, index) => recorded[index] !== id).length;
    }
    const total = each * shoppers.length;
    if (moved > 0) throw new Error(`${moved} of ${total} purchases stand in another place`);
    return `${total} purchases of ${shoppers.length} shoppers`;
  },

  retried: async (lab, patienceMs) => {
    const { buyers, faults, broker } = lab;
    const [shopper] = await buyers.signIn(['Ada']);
    if (shopper === undefined) throw new Error('nobody signed in');
    const deadBefore = (await broker.messages(topics.deadLetters)).length;
    const retriedBefore = await lab.metric('purchase_events_retried_total');
    faults.failWrites(6);
    try {
      await buyers.buy(shopper);
      await buyers.waitUntilRecorded(patienceMs);
    } finally {
      faults.failWrites(0);
    }
    const retried = (await lab.metric('purchase_events_retried_total')) - retriedBefore;
    const dead = (await broker.messages(topics.deadLetters)).length - deadBefore;
    if (retried < 2) throw new Error(`the handler failed only ${retried} times`);
    if (dead > 0) throw new Error('it went to the dead letters');
    await buyers.reconcile();
    return `failed ${retried} times, then recorded`;
  },

  poison: async ({ buyers, broker, publisher, shop }, patienceMs) => {
    const shoppers = await buyers.signIn(['Ada', 'Grace']);
    const before = (await broker.messages(topics.deadLetters)).length;
    const id = v7();
    await publisher.publish({
      component: components.pubsub,
      topic: topics.purchaseEvents,
      event: { specversion: '1.0', id, source: 'conformance', type: 'purchase.placed.v999', data: {} },
      partitionKey: shoppers[0]?.id ?? '',
    });
    await buyers.buyMany(shoppers, atOnce, { atOnce: 4 });
    await buyers.waitUntilRecorded(patienceMs);
    await waitForMessages(broker, topics.deadLetters, before + 1);
    const dead = (await broker.messages(topics.deadLetters)).slice(before);
    if (dead.length !== 1 || !dead[0]?.includes(id))
      throw new Error(`the dead letters hold ${dead.length} new events`);
    await waitUntil(async () => {
      const kept = await textsOfDeadLetters(shop.system.url(appIds.purchaseService));
      const count = kept.filter((text) => text.includes(id)).length;
      return count === 1 || `the purchase-service keeps it ${count} times`;
    }, patienceMs);
    return `one dead letter, kept for operators; ${atOnce} others recorded`;
  },

  'service-killed': (lab, patienceMs) =>
    inTheMiddle(lab, patienceMs, () => lab.killAndRestart(appIds.purchaseService, serviceOutageMs)),

  'sidecar-killed': (lab, patienceMs) =>
    inTheMiddle(lab, patienceMs, () => lab.killAndRestart(`${appIds.purchaseService}-sidecar`, outageMs)),

  'broker-killed': (lab, patienceMs) =>
    inTheMiddle(lab, patienceMs, () => lab.killAndRestart(lab.brokerServer.name, outageMs)),

  'store-killed': (lab, patienceMs) =>
    inTheMiddle(lab, patienceMs, async () => {
      await lab.killStore();
      await delay(outageMs);
      await lab.startStore();
    }),

  backlog: async (lab, patienceMs) => {
    const { buyers } = lab;
    const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
    await lab.stopConsumer();
    let held: number | undefined;
    try {
      await buyers.buyMany(shoppers, streamLength, { atOnce });
      held = await waitForBacklog(lab, patienceMs, (count) => count >= streamLength);
    } finally {
      await lab.startConsumer();
    }
    const startedMs = performance.now();
    await buyers.waitUntilRecorded(patienceMs);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    await waitForBacklog(lab, patienceMs, (count) => count === 0);
    await buyers.reconcile();
    return `${held ?? streamLength} events waited, and were recorded in ${seconds} s`;
  },

  'byte-for-byte': async (lab, patienceMs) => {
    const { buyers } = lab;
    const count = 10_000;
    const names = Array.from(
      { length: count / 100 },
      (_, index) => hostileNames[index % hostileNames.length] ?? '',
    );
    const shoppers = await buyers.signIn(names);
    await buyers.buyMany(shoppers, count - unprintableNames.length, { atOnce: 2 * atOnce });
    const [shopper] = shoppers;
    for (const name of unprintableNames)
      if (shopper !== undefined) await buyers.placeAs(name, shopper, lab.publisher.publish);
    await buyers.waitUntilRecorded(4 * patienceMs);
    await buyers.reconcile();
    return `${count} purchases of ${shoppers.length} shoppers with ${hostileNames.length + unprintableNames.length} names`;
  },

  inside: async (lab, patienceMs) => {
    await waitForBacklog(lab, patienceMs, (count) => count === 0);
    return lab.whileStoreIsClosed(() => readInside(lab));
  },
};

/** What the newest dead letters say that the purchase-service keeps. */
async function textsOfDeadLetters(purchaseService: string): Promise<string[]> {
  const deadLetters = await listDeadLetters(purchaseService);
  const details = await Promise.all(
    deadLetters.map(async ({ id }): Promise<unknown> =>
      (await fetch(`${purchaseService}${deadLetterApiPath}/${id}`)).json(),
    ),
  );
  return details.map((letter) => deadLetterDetailsSchema.parse(letter).text ?? '');
}

/** Buys in a stream, does something in the middle of it, and expects everything accepted to be recorded, once. */
async function inTheMiddle(lab: Lab, patienceMs: number, event: () => Promise<void>): Promise<string> {
  const { buyers } = lab;
  const shoppers = await buyers.signIn(['Ada', 'Grace', 'Edsger', 'Barbara']);
  let accepted = 0;
  const buying = buyers.buyMany(shoppers, streamLength, {
    atOnce,
    onAccepted: (count) => {
      accepted = count;
    },
  });
  try {
    await waitUntil(() => accepted >= killAfter || `${accepted} purchases are accepted`, patienceMs);
    await event();
  } finally {
    await buying;
  }
  const startedMs = performance.now();
  await buyers.waitUntilRecorded(patienceMs);
  await buyers.reconcile();
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  return `${streamLength} accepted and recorded, the last ${seconds} s after the last was accepted`;
}
