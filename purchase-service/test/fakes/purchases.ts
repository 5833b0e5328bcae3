import { sumOfLines, type Purchase } from '@unity-purchase/contracts';

let sequence = 0;

/** A UUIDv7 created at a time, in milliseconds since the epoch. Each call returns another one. */
export function purchaseIdAt(createdAtMs: number): string {
  const time = createdAtMs.toString(16).padStart(12, '0');
  sequence += 1;
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${sequence.toString(16).padStart(12, '0')}`;
}

/** A valid purchase of one line. */
export function aPurchase(
  change: {
    shopperId?: string;
    name?: string;
    unitPrice?: number;
    placedMs?: number;
    purchaseId?: string;
  } = {},
): Purchase {
  const placedMs = change.placedMs ?? Date.UTC(2026, 0, 1);
  const lines = [{ sku: 'mug', title: 'Mug', quantity: 1, unitPrice: change.unitPrice ?? 100 }];
  return {
    purchaseId: change.purchaseId ?? purchaseIdAt(placedMs),
    shopper: { id: change.shopperId ?? 'ada', name: change.name ?? 'Ada' },
    lines,
    total: { amount: sumOfLines(lines), currency: 'EUR' },
    placedAt: new Date(placedMs).toISOString(),
  };
}
