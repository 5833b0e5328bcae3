import {
  appIds,
  components,
  sumOfLines,
  type Currency,
  type PurchaseLine,
  type Shopper,
} from '@unity-purchase/contracts';
import { PurchaseHistory } from '@unity-purchase/purchase-service';
import { createDaprGateway } from '@unity-purchase/service-kit';
import { v7 } from 'uuid';
import type { TestSystem } from './test-system.js';

const dayMs = 24 * 60 * 60_000;

/** How long ago something was bought, and what. */
export type SeededPurchase = { daysAgo: number; currency: Currency; lines: PurchaseLine[] };

/** Records purchases in the past, oldest first, as if they had been recorded then. */
export async function seedHistory(
  { system }: TestSystem,
  shopper: Shopper,
  purchases: readonly SeededPurchase[],
): Promise<void> {
  const gateway = createDaprGateway(system.ports(appIds.purchaseService).daprHttp, undefined);
  const startedMs = Date.now();
  let nowMs = startedMs;
  const history = new PurchaseHistory(gateway.stateStore(components.stateStore), () => new Date(nowMs));
  try {
    for (const { daysAgo, currency, lines } of purchases) {
      nowMs = startedMs - daysAgo * dayMs;
      const placedMs = nowMs - 250;
      await history.append({
        purchaseId: v7({ msecs: placedMs }),
        shopper,
        lines,
        total: { amount: sumOfLines(lines), currency },
        placedAt: new Date(placedMs).toISOString(),
      });
    }
  } finally {
    await gateway.close();
  }
}

const titles = ['Mug', 'Teapot', 'Linen towel', 'Fountain pen', 'Olive oil', 'Honey', 'Desk lamp'];
const longTitle =
  'Wool blanket, woven from the fleece of rare northern sheep, Donaudampfschifffahrtsgesellschaftskapitänsmützengrau';

/**
 * A demanding history: sixty purchases in three currencies over more than two years, with many items, long titles and very large
 * amounts.
 */
export function demandingPurchases(): SeededPurchase[] {
  const currencies = ['EUR', 'JPY', 'USD'];
  return Array.from({ length: 60 }, (_, index): SeededPurchase => {
    const currency = currencies[index % currencies.length] ?? 'EUR';
    const count = index % 7 === 0 ? 12 : 1 + (index % 3);
    const lines = Array.from({ length: count }, (_line, place): PurchaseLine => {
      const title = index % 10 === 3 && place === 0 ? longTitle : titles[(index + place) % titles.length];
      const unitPrice = currency === 'JPY' ? 4_200 : 1_650 + 100 * place;
      return {
        sku: `item-${index}-${place}`,
        title: title ?? 'Mug',
        quantity: 1 + ((index + place) % 3),
        unitPrice: currency === 'JPY' && index % 12 === 1 ? 90_000_000 : unitPrice,
      };
    });
    return { daysAgo: 800 - Math.floor(index * 13.5), currency, lines };
  });
}
