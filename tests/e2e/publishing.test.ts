import { expect, test } from '@jest/globals';
import { appIds, components, topics } from '@unity-purchase/contracts';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import { waitForMessages } from '@unity-purchase/tools/test-clients';
import { startTestSystem } from '../system/test-system.js';

/** NATS' default message limit; the sidecar accepts four times as much per call. */
const messageBytesMax = 1024 * 1024;

/** Published as the gateway does it: in the trace of its own request, whichever call carries it. */
const eventOf = (subject: string, data: string) => ({
  specversion: '1.0',
  id: v7(),
  source: appIds.storefront,
  type: 'test',
  subject,
  data,
  ...traceOf(subject),
});

function traceOf(subject: string) {
  const traceparent = `00-${Buffer.from(subject).toString('hex').padEnd(32, '0')}-00f067aa0ba902b7-01`;
  return { traceid: traceparent, traceparent };
}

test('only a refused event fails, among others and alone; the others arrive in their own traces', async () => {
  await using shop = await startTestSystem({ apps: [{ appId: appIds.storefront }] });
  await using broker = await shop.connectToBroker();
  const gateway = createDaprGateway(shop.system.ports(appIds.storefront).daprHttp, undefined);
  const events = ['first', 'too-large', 'last'].map((subject) =>
    eventOf(subject, 'x'.repeat(subject === 'too-large' ? messageBytesMax : 1)),
  );
  const outcomes = await Promise.allSettled(
    events.map((event) =>
      gateway.publish({
        component: components.pubsub,
        topic: topics.purchaseEvents,
        event,
        partitionKey: event.subject,
      }),
    ),
  );
  const alone = eventOf('alone', 'x');
  await gateway.publish({
    component: components.pubsub,
    topic: topics.purchaseEvents,
    event: alone,
    partitionKey: alone.subject,
  });
  const alsoAlone = gateway.publish({
    component: components.pubsub,
    topic: topics.purchaseEvents,
    event: eventOf('too-large', 'x'.repeat(messageBytesMax)),
    partitionKey: 'too-large',
  });
  await expect(alsoAlone).rejects.toMatchObject({ name: 'DaprError', failure: 'failed' });
  await gateway.close();
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({ reason: { name: 'DaprError', failure: 'failed' } });
  await waitForMessages(broker, topics.purchaseEvents, 3);
  const messages = await broker.messages(topics.purchaseEvents);
  const sent = messages.map((message) => JSON.parse(message) as { subject: string });
  const bySubject = sent.sort((one, other) => one.subject.localeCompare(other.subject));
  expect(bySubject).toMatchObject(
    ['alone', 'first', 'last'].map((subject) => ({ subject, ...traceOf(subject) })),
  );
}, 120_000);
