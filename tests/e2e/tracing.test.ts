import { expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import { waitUntil } from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { startOtlpReceiver, type ReceivedSpan } from '../system/otlp-receiver.js';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

const shopperId = 'secret-shopper-1815';
const shopperName = 'Augusta King';
const amount = 987_654;

/** Spans are exported in batches, at most five seconds apart. */
const exportedWithinMs = 30_000;

test('one purchase is one trace from the request through sidecars and broker to the store, without shopper data', async () => {
  await using receiver = await startOtlpReceiver();
  const traceId = v7().replaceAll('-', '');
  const logs: string[] = [];
  {
    await using shop = await startTestSystem({
      env: { apps: { ...receiver.env, LOG_LEVEL: 'trace' }, sidecars: receiver.env },
    });
    const ada = await signIn(shop.storefront, shopperId, shopperName);
    const response = await ada.request('/api/purchases', {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: JSON.stringify({ lines: [{ sku: 'any-amount', amount }] }),
    });
    expect(response.status).toBe(202);
    await ada.waitForRecords(1);
    await ada.request('/purchases');
    await ada.request(response.headers.get('location') ?? '');

    const trace = () => receiver.spans.filter((span) => span.traceId === traceId);
    const stages: [what: string, isThere: (span: ReceivedSpan) => boolean][] = [
      [
        'the request to the storefront',
        (span) => span.service === 'storefront' && span.name === 'POST /api/purchases',
      ],
      [
        'the publication by its sidecar',
        (span) => span.service === 'storefront' && /publish/.test(JSON.stringify(span.attributes)),
      ],
      [
        'the delivery by the other sidecar',
        (span) => span.service === 'purchase-service' && span.name.includes('pubsub/'),
      ],
      [
        'the recording',
        (span) => span.service === 'purchase-service' && span.name === 'POST /events/purchases',
      ],
      [
        'the write to the store',
        (span) =>
          span.service === 'purchase-service' && /state\/statestore/.test(JSON.stringify(span.attributes)),
      ],
    ];
    await waitUntil(() => {
      const missing = stages.filter(([, isThere]) => !trace().some(isThere)).map(([what]) => what);
      const seen = trace().map(({ service, name }) => `${service}: ${name}`);
      return missing.length === 0 || `the trace lacks ${missing.join(', ')}; it has ${seen.join(' | ')}`;
    }, exportedWithinMs);

    // Every span has a parent in the trace, up to the caller's span.
    await waitUntil(() => {
      const ids = new Set([...trace().map(({ spanId }) => spanId), '00f067aa0ba902b7']);
      const loose = trace().filter(({ parentSpanId }) => !ids.has(parentSpanId));
      return loose.length === 0 || `these spans have no parent: ${loose.map(({ name }) => name).join(', ')}`;
    }, exportedWithinMs);
    for (const name of shop.system.names()) logs.push(...shop.system.lines(name));
  }
  expect(receiver.spans.length).toBeGreaterThan(10);
  expect(logs.length).toBeGreaterThan(10);
  const secrets = [
    shopperId,
    encodeURIComponent(shopperId),
    shopperName,
    'Augusta',
    String(amount),
    '9876.54',
    '9,876.54',
  ];
  for (const secret of secrets) {
    expect(receiver.raw()).not.toContain(secret);
    expect(logs.join('\n')).not.toContain(secret);
  }
  // The receiver would have seen it: the shopper key is present.
  expect(receiver.raw()).toContain(shopperKey(shopperId).slice(1));
}, 180_000);
