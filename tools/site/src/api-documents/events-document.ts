import {
  appIds,
  deadLetterReasonSchema,
  eventContractVersion,
  eventRoutes,
  purchasePlaced,
  purchasePlacedSchema,
  purchasePlacedType,
  replayOfAttribute,
  shopperKeyPattern,
  sumOfLines,
  topics,
  type Purchase,
} from '@unity-purchase/contracts';
import { z } from 'zod';

/** With this content type, Dapr does not wrap the event in a second envelope. */
const cloudEventType = 'application/cloudevents+json';

const lines = [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1250 }];
const purchase: Purchase = {
  purchaseId: '019ab2c4-7c00-7a10-8b3c-5d2f6a1e9b07',
  shopper: { id: 'ada', name: 'Ada' },
  lines,
  total: { amount: sumOfLines(lines), currency: 'EUR' },
  placedAt: '2026-11-24T10:15:00.000Z',
};

/** The schema in AsyncAPI's default format, draft 7 of JSON Schema. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema: _of, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return json;
}

/**
 * Every broker transports the partition key if it supports one; AsyncAPI defines the binding for Kafka. Other differences
 * between brokers are not part of the contract.
 */
const bindings = {
  kafka: {
    key: {
      type: 'string',
      pattern: shopperKeyPattern.source,
      description:
        "The shopper key, a hash of the shopper id. A shopper's events stay in order if the broker keeps an order.",
    },
  },
};

const channel = (name: string) => ({ $ref: `#/channels/${name}` });
const messageOf = (name: string, message: string) => ({ $ref: `#/channels/${name}/messages/${message}` });

/** The events as an AsyncAPI 3.0 document (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export const eventsDocument = {
  asyncapi: '3.0.0',
  info: {
    title: 'events',
    version: eventContractVersion,
    description:
      'The events of the purchase system. Any broker delivers them at least once; consumers detect duplicates by the purchase id in the data, not by the id of the envelope.',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: cloudEventType,
  channels: {
    purchases: {
      address: topics.purchaseEvents,
      title: 'Accepted purchases',
      description: 'A purchase is accepted once the broker has acknowledged its event in this channel.',
      messages: { purchasePlaced: { $ref: '#/components/messages/purchasePlaced' } },
    },
    deadLetters: {
      address: topics.deadLetters,
      title: 'Events that could not be recorded',
      description: `Events that were dropped or delivered too often; the sidecar moves them here. Each is kept with its reason (${deadLetterReasonSchema.options.join(', ')}).`,
      messages: { deadLetter: { $ref: '#/components/messages/deadLetter' } },
    },
  },
  operations: {
    placePurchase: {
      action: 'send',
      channel: channel('purchases'),
      title: `${appIds.storefront} accepts a purchase`,
      description:
        'A retry after a failure has the same purchase id and sends the same event, which is recorded once.',
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    replayDeadLetter: {
      action: 'send',
      channel: channel('purchases'),
      title: `${appIds.purchaseService} replays a dead letter`,
      description: `On an operator's decision. The event has the same data, a new id and the attribute "${replayOfAttribute}".`,
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    recordPurchase: {
      action: 'receive',
      channel: channel('purchases'),
      title: `${appIds.purchaseService} records a purchase`,
      description: `Delivered to ${eventRoutes.purchases}. The answer is SUCCESS (recorded now or before), RETRY, or DROP, which makes the event a dead letter.`,
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    keepDeadLetter: {
      action: 'receive',
      channel: channel('deadLetters'),
      title: `${appIds.purchaseService} keeps a dead letter`,
      description: `Delivered to ${eventRoutes.deadLetters} as raw bytes, repeatedly until it is kept.`,
      messages: [messageOf('deadLetters', 'deadLetter')],
    },
  },
  components: {
    messages: {
      purchasePlaced: {
        name: purchasePlacedType,
        title: 'A shopper placed a purchase',
        summary: 'A CloudEvent 1.0 in structured mode: envelope and data are one JSON object.',
        description: `The subject is the shopper of the data. The total is the sum of the lines. Dapr adds attributes of its own, and a replayed event has "${replayOfAttribute}"; consumers ignore attributes that they do not know.`,
        contentType: cloudEventType,
        payload: jsonSchema(purchasePlacedSchema),
        bindings,
        examples: [{ name: 'placed', payload: purchasePlaced(purchase) }],
      },
      deadLetter: {
        name: 'dead-letter',
        title: 'An event that could not be recorded',
        summary: 'The bytes that were delivered, which need not be JSON.',
        contentType: 'application/octet-stream',
      },
    },
  },
};
