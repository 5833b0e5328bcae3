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

/** What Dapr is told that an event is, so that it does not wrap it in a second envelope. */
const cloudEventType = 'application/cloudevents+json';

const lines = [{ sku: 'mug', title: 'Mug', quantity: 2, unitPrice: 1250 }];
const purchase: Purchase = {
  purchaseId: '019ab2c4-7c00-7a10-8b3c-5d2f6a1e9b07',
  shopper: { id: 'ada', name: 'Ada' },
  lines,
  total: { amount: sumOfLines(lines), currency: 'EUR' },
  placedAt: '2026-11-24T10:15:00.000Z',
};

/** The schema as AsyncAPI takes it without being told another format: draft 7 of JSON Schema. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema: _of, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return json;
}

/**
 * All brokers carry the key beside the event, where they have a place for it; Kafka's is the one that AsyncAPI knows. What
 * else differs between brokers is no part of the contract.
 */
const bindings = {
  kafka: {
    key: {
      type: 'string',
      pattern: shopperKeyPattern.source,
      description:
        "The shopper's key, a hash of the id: what one shopper buys stays in order where the broker keeps any.",
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
      'What is said by events. Delivered at least once, by any broker; a consumer tells repeats by the purchase id in the data, not by the id of the envelope.',
    license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
  defaultContentType: cloudEventType,
  channels: {
    purchases: {
      address: topics.purchaseEvents,
      title: 'Accepted purchases',
      description: 'A purchase is accepted when, and only when, the broker acknowledged its event here.',
      messages: { purchasePlaced: { $ref: '#/components/messages/purchasePlaced' } },
    },
    deadLetters: {
      address: topics.deadLetters,
      title: 'Events that could not be recorded',
      description: `The sidecar puts here what was dropped, or was delivered too often. It is kept with its reason (${deadLetterReasonSchema.options.join(', ')}).`,
      messages: { deadLetter: { $ref: '#/components/messages/deadLetter' } },
    },
  },
  operations: {
    placePurchase: {
      action: 'send',
      channel: channel('purchases'),
      title: `${appIds.storefront} accepts a purchase`,
      description:
        'Sent again with the same purchase id after a failure: the event is the same, and is recorded once.',
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    replayDeadLetter: {
      action: 'send',
      channel: channel('purchases'),
      title: `${appIds.purchaseService} publishes a dead letter again`,
      description: `On an operator's decision: the same data, an id of its own, and the attribute "${replayOfAttribute}".`,
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    recordPurchase: {
      action: 'receive',
      channel: channel('purchases'),
      title: `${appIds.purchaseService} records a purchase`,
      description: `Delivered to ${eventRoutes.purchases}. Answered SUCCESS (recorded, now or before), RETRY, or DROP, which makes it a dead letter.`,
      messages: [messageOf('purchases', 'purchasePlaced')],
    },
    keepDeadLetter: {
      action: 'receive',
      channel: channel('deadLetters'),
      title: `${appIds.purchaseService} keeps a dead letter`,
      description: `Delivered to ${eventRoutes.deadLetters}, raw, until it is kept: there is no further place to go.`,
      messages: [messageOf('deadLetters', 'deadLetter')],
    },
  },
  components: {
    messages: {
      purchasePlaced: {
        name: purchasePlacedType,
        title: 'A shopper placed a purchase',
        summary: 'A CloudEvent 1.0 in structured mode: envelope and data are one JSON object.',
        description: `The subject is the shopper of the data. The total is the sum of the lines. Dapr adds attributes of its own, and a replayed event has "${replayOfAttribute}": consumers leave alone what they do not know.`,
        contentType: cloudEventType,
        payload: jsonSchema(purchasePlacedSchema),
        bindings,
        examples: [{ name: 'placed', payload: purchasePlaced(purchase) }],
      },
      deadLetter: {
        name: 'dead-letter',
        title: 'What could not be recorded',
        summary: 'The bytes that were delivered; not necessarily JSON.',
        contentType: 'application/octet-stream',
      },
    },
  },
};
