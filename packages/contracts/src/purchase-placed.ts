import { z } from 'zod';
import { appIds } from './names.js';
import { purchaseFingerprint, purchaseSchema, type Purchase } from './purchase.js';

/** The type of this system's only event. A change that older consumers cannot read gets a new number. */
export const purchasePlacedType = 'purchase.placed.v1';

/**
 * The semantic version of the event's schema. The major version is the number in the type, additions raise the minor version,
 * and new wording raises the patch version. A test compares it with the schemas of earlier releases.
 */
export const eventContractVersion = '1.1.0';

/**
 * The extension attribute with the digest of what the client sent: see `orderDigest`. It tells the same order at another price
 * from another order. CloudEvents allows lower-case letters only.
 */
export const orderDigestAttribute = 'orderdigest';

/**
 * A CloudEvents 1.0 envelope (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) with the given type and
 * data. It is loose because Dapr adds attributes of its own (topic, pubsubname, traceid, …).
 */
const cloudEventSchema = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.looseObject({
    specversion: z.literal('1.0'),
    id: z.string().min(1),
    source: z.string().min(1),
    type: z.literal(type),
    subject: z.string().min(1),
    time: z.iso.datetime({ offset: true }).optional(),
    datacontenttype: z.literal('application/json'),
    data,
  });

/**
 * The event "a shopper placed a purchase". Consumers detect duplicates by the purchase id in its data. The envelope's id only
 * names the publication, so that a broker that remembers envelope ids does not drop a replay.
 */
export const purchasePlacedSchema = cloudEventSchema(purchasePlacedType, purchaseSchema)
  .extend({ [orderDigestAttribute]: z.string().max(64).optional() })
  .refine((event) => event.subject === event.data.shopper.id, {
    path: ['subject'],
    error: 'must be the shopper of the purchase',
  });

export type PurchasePlaced = z.infer<typeof purchasePlacedSchema>;

/**
 * The event for a purchase, with the digest of the order that the client sent. It is identical for the first publication and
 * its retries. The envelope's id covers purchase id and content: a broker that drops known ids must not drop a different order
 * with the same purchase id.
 */
export function purchasePlaced(purchase: Purchase, digest?: string): PurchasePlaced {
  return {
    specversion: '1.0',
    id: `${purchase.purchaseId}.${purchaseFingerprint(purchase)}`,
    source: appIds.storefront,
    type: purchasePlacedType,
    subject: purchase.shopper.id,
    time: purchase.placedAt,
    datacontenttype: 'application/json',
    ...(digest === undefined ? {} : { [orderDigestAttribute]: digest }),
    data: purchase,
  };
}

/** The attribute of a replayed event that names its dead letter. CloudEvents allows lower-case letters only. */
export const replayOfAttribute = 'replayof';

/** The event of a dead letter for a replay: the delivered data under a new id, because brokers drop ids that they remember. */
export function replayOf(event: PurchasePlaced, deadLetterId: string, id: string): PurchasePlaced {
  const { specversion, source, type, subject, time, datacontenttype, data } = event;
  const digest = event[orderDigestAttribute];
  return {
    specversion,
    id,
    source,
    type,
    subject,
    ...(time === undefined ? {} : { time }),
    datacontenttype,
    ...(digest === undefined ? {} : { [orderDigestAttribute]: digest }),
    [replayOfAttribute]: deadLetterId,
    data,
  };
}
