import { brotliDecompressSync } from 'node:zlib';
import { Pool, type Dispatcher } from 'undici';
import { waitUntil } from '@unity-purchase/tools';
import { order, signInShoppers } from '../load/shoppers.js';
import { operatorAccess, type Pipeline } from '../pipelines/pipeline.js';
import { percentile } from '../report/statistics.js';
import type { PageFigure } from '../results.js';

/** The number of purchases in the history that is read. */
export const historyLength = 200;

/** Sequential requests per page, before and during the measurement. */
const warmUpCount = 20;
export const askedCount = 200;

const recordedWithinMs = 60_000;

/** An answer: its size as sent, and its text. */
type Answer = { bytes: number; text: () => string };

type Client = {
  get: (path: string) => Promise<Answer>;
  post: (path: string, fields: Record<string, string>) => Promise<void>;
};

/** Measures every kind of page: response time, and weight including assets. */
export async function measurePages({ storefront, recorder }: Pipeline): Promise<PageFigure[]> {
  const [shopper] = await signInShoppers(storefront, 1);
  const pool = new Pool(storefront, { connections: 4 });
  const client = clientOf(pool, shopper?.cookie ?? '');
  await recorder.start();
  try {
    const receipt = await buyAll(pool, shopper?.cookie ?? '', client);
    await client.post('/basket', { sku: 'mug', quantity: '2' });
    await client.post('/operators/sign-in', { token: operatorAccess.OPERATOR_TOKEN });
    const paths: [page: string, path: string][] = [
      ['shop', '/'],
      ['search', '/?q=stoneware'],
      ['product', '/products/teapot'],
      ['basket', '/basket'],
      ['check your order', '/checkout'],
      ['receipt', receipt],
      ['history', '/purchases'],
      ['desk', '/operators'],
      ['all purchases', '/operators/purchases'],
      ['dead letters', '/operators/dead-letters'],
      ['audit log', '/operators/audit-log'],
    ];
    const figures: PageFigure[] = [];
    for (const [page, path] of paths) figures.push({ page, ...(await measure(client, path)) });
    return figures;
  } finally {
    await recorder.stop();
    await pool.close();
  }
}

/** Sends requests like a browser, with cookies and forms. Rejects when the answer is neither a page nor a redirect. */
function clientOf(pool: Pool, sessionCookie: string): Client {
  const cookies = new Map([splitCookie(sessionCookie)]);
  const ask = async (options: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'body' | 'headers'>) => {
    const { statusCode, headers, body } = await pool.request({
      ...options,
      headers: {
        ...(options.headers as Record<string, string> | undefined),
        'accept-encoding': 'br',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
    });
    for (const cookie of [headers['set-cookie'] ?? []].flat()) {
      const [name, value] = splitCookie(cookie.split(';')[0] ?? '');
      cookies.set(name, value);
    }
    const content = Buffer.from(await body.arrayBuffer());
    if (statusCode !== 200 && statusCode !== 303)
      throw new Error(`${options.path} was answered with ${statusCode}`);
    return {
      bytes: content.length,
      text: () => (headers['content-encoding'] === 'br' ? brotliDecompressSync(content) : content).toString(),
    };
  };
  return {
    get: (path) => ask({ method: 'GET', path }),
    post: async (path, fields) => {
      await ask({
        method: 'POST',
        path,
        headers: {
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(fields).toString(),
      });
    },
  };
}

function splitCookie(pair: string): [name: string, value: string] {
  const [name = '', value = ''] = pair.split(/=(.*)/s);
  return [name, value];
}

/** Fills the history. Returns the address of a receipt in it. */
async function buyAll(pool: Pool, cookie: string, client: Client): Promise<string> {
  let receipt = '';
  for (let count = 0; count < historyLength; count += 1) {
    const { headers, body } = await pool.request({
      method: 'POST',
      path: '/api/purchases',
      headers: { cookie, 'content-type': 'application/json' },
      body: order,
    });
    await body.dump();
    receipt = String(headers['location']).replace('/api', '');
  }
  await waitUntil(async () => {
    const { totals } = JSON.parse((await client.get('/api/purchases?limit=1')).text()) as {
      totals: { count: number };
    };
    return totals.count === historyLength || `${totals.count} of ${historyLength} purchases are recorded`;
  }, recordedWithinMs);
  return receipt;
}

async function measure(client: Client, path: string): Promise<Omit<PageFigure, 'page'>> {
  for (let count = 0; count < warmUpCount; count += 1) await client.get(path);
  const latenciesMs: number[] = [];
  let page: Answer = { bytes: 0, text: () => '' };
  for (let count = 0; count < askedCount; count += 1) {
    const startMs = performance.now();
    page = await client.get(path);
    latenciesMs.push(performance.now() - startMs);
  }
  const needed = new Set(
    [...page.text().matchAll(/(?:src|href)="(\/[\w/.-]+\.(?:css|js|svg))"/g)].map(([, url]) => url ?? ''),
  );
  const parts = await Promise.all([...needed].map((url) => client.get(url)));
  return {
    bytes: [page, ...parts].reduce((sum, { bytes }) => sum + bytes, 0),
    p50Ms: percentile(latenciesMs, 50),
    p99Ms: percentile(latenciesMs, 99),
  };
}
