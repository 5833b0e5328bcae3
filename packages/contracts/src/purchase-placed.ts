import type { z } from 'zod';
import { cloudEventSchema } from './cloud-event.js';
import { appIds } from './names.js';
import { purchaseFingerprint } from './purchase-fingerprint.js';
import { purchaseSchema, type Purchase } from './purchase.js';

/** The type of the one event of this system; a change that old consumers cannot read gets a new number. */
export const purchasePlacedType = 'purchase.placed.v1';

/**
 * The version of what events say, by SemVer: the first number is that of the type, the second changes with what is added, the
 * third with what is only worded anew. A test holds it to what earlier releases promised.
 */
export const eventContractVersion = '1.0.0';

/**
 * "A shopper placed a purchase." Its identity is the purchase id in its data; the id of the envelope only names this
 * publication, so that a replayed event is not taken for a duplicate by a broker that remembers envelope ids.
 */
export const purchasePlacedSchema = cloudEventSchema(purchasePlacedType, purchaseSchema).refine(
  (event) => event.subject === event.data.shopper.id,
  { path: ['subject'], error: 'must be the shopper of the purchase' },
);

export type PurchasePlaced = z.infer<typeof purchasePlacedSchema>;

/**
 * The event that says a purchase was placed, as it is published the first time and by honest retries. Its envelope's id
 * names id and content: brokers that drop an id they have just seen must not drop another shopper's purchase, or another
 * order, that came under the same purchase id.
 */
export function purchasePlaced(purchase: Purchase): PurchasePlaced {
  return {
    specversion: '1.0',
    id: `${purchase.purchaseId}.${purchaseFingerprint(purchase)}`,
    source: appIds.storefront,
    type: purchasePlacedType,
    subject: purchase.shopper.id,
    time: purchase.placedAt,
    datacontenttype: 'application/json',
    data: purchase,
  };
}

/** The attribute of a replayed event that names the dead letter it came from. CloudEvents allows lower-case letters only. */
export const replayOfAttribute = 'replayof';

/**
 * An event once more, as operators publish it again: with what was delivered, under an id of its own, because brokers that
 * remember ids would drop it.
 */
export function replayOf(event: PurchasePlaced, deadLetterId: string, id: string): PurchasePlaced {
  const { specversion, source, type, subject, time, datacontenttype, data } = event;
  return {
    specversion,
    id,
    source,
    type,
    subject,
    ...(time === undefined ? {} : { time }),
    datacontenttype,
    [replayOfAttribute]: deadLetterId,
    data,
  };
}
