import { createHash } from 'node:crypto';

/** What a client asked for: products, quantities and the currency, and amounts only where the client chose or confirmed them. */
export type SentOrder = {
  currency: string;
  lines: readonly { sku: string; quantity: number; amount?: number | undefined }[];
};

/**
 * A hash of what a client sent. It stays the same when the shop's prices change, so the same request is recognised afterwards.
 * Two requests of one shopper with the same purchase id and different digests are different orders.
 */
export function orderDigest({ currency, lines }: SentOrder): string {
  const content = [currency, lines.map(({ sku, quantity, amount }) => [sku, quantity, amount ?? null])];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, digestLength);
}

/** 132 bits: two orders with the same digest do not occur by chance. */
const digestLength = 22;
