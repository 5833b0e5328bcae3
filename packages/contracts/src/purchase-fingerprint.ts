import { createHash } from 'node:crypto';
import type { Purchase } from './purchase.js';

/**
 * What a purchase is about: who buys what at which price. Times, titles and the name shown are left out: they differ
 * between honest retries. Two purchases of one id and different fingerprints contradict each other.
 */
export function purchaseFingerprint({ shopper, lines, total }: Purchase): string {
  const content = [
    shopper.id,
    lines.map(({ sku, quantity, unitPrice }) => [sku, quantity, unitPrice]),
    total.amount,
    total.currency,
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64url');
}
