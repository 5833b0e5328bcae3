import { v7 } from 'uuid';

/** A shopper signed in at a storefront. */
export type Shopper = { id: string; cookie: string };

/** The order that every shopper places. */
export const order = JSON.stringify({ lines: [{ sku: 'mug', quantity: 2 }] });

/** Signs in enough new shoppers to reach every partition. */
export async function signInShoppers(storefront: string, count: number): Promise<Shopper[]> {
  const run = v7();
  return Promise.all(Array.from({ length: count }, (_, number) => signIn(storefront, `${run}-${number}`)));
}

async function signIn(storefront: string, id: string): Promise<Shopper> {
  const answer = await fetch(`${storefront}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ id, name: 'Ada' }),
  });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  if (cookie === undefined) throw new Error(`signing in was answered with ${answer.status}`);
  return { id, cookie };
}
