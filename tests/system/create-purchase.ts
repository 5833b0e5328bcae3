import type { Purchase } from '@unity-purchase/contracts';
import { v7 } from 'uuid';

/** A valid purchase for tests that publish an event themselves. */
export function createPurchase(shopperId: string, unitPrice = 100, name = 'Ada'): Purchase {
  return {
    purchaseId: v7(),
    shopper: { id: shopperId, name },
    lines: [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice }],
    total: { amount: unitPrice, currency: 'EUR' },
    placedAt: new Date().toISOString(),
  };
}
