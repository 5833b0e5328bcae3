import { historyPageSchema } from '@unity-purchase/contracts';
import { waitUntil } from '../local/wait-until.js';

/** The cheapest thing in the catalogue. */
const order = { sku: 'green-tea', quantity: 1 };

/** Always the same, so that another run finds the purchase of the first. */
const idempotencyKey = 'first-purchase-of-this-cluster';

const requestTimeoutMs = 15_000;

/** New pods connect to the broker and join its consumer group. */
const recordedWithinMs = 120_000;

/**
 * Signs a shopper in at a shop with demo sign-in, buys something, and resolves when it is in the history: to the milliseconds
 * since it was accepted. Rejects with what the shop answered otherwise.
 */
export async function buyFirstPurchase(shop: string): Promise<number> {
  const request = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${shop}${path}`, { redirect: 'manual', ...init, signal: AbortSignal.timeout(requestTimeoutMs) });
  const signedIn = await request('/sign-in', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ id: 'first-shopper', name: 'First Shopper' }),
  });
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`Signing in was answered with ${signedIn.status}.`);
  const bought = await request('/api/purchases', {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ lines: [order] }),
  });
  if (bought.status !== 202)
    throw new Error(`Buying was answered with ${bought.status}: ${await bought.text()}`);
  const acceptedMs = performance.now();
  const { purchaseId } = (await bought.json()) as { purchaseId: string };
  await waitUntil(async () => {
    const answer = await request('/api/purchases', { headers: { cookie } });
    if (answer.status !== 200) return `the history is answered with ${answer.status}`;
    const { purchases } = historyPageSchema.parse(await answer.json());
    return (
      purchases.some(({ purchase }) => purchase.purchaseId === purchaseId) || 'the purchase is not recorded'
    );
  }, recordedWithinMs);
  return performance.now() - acceptedMs;
}
