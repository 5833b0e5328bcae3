import { waitUntil } from '@unity-purchase/tools';

/** The shortest pause that the page offers. */
const pauseSeconds = 10;

/** The pause, and the longest delay until what waited is delivered again. */
const recordedWithinMs = 60_000;

const requestTimeoutMs = 15_000;

/**
 * Does what the page "Watch it survive" is for: signs in at the desk, pauses the purchase-service, buys something, and resolves when the
 * page shows the purchase as recorded. Rejects with what the page showed otherwise.
 */
export async function watchItSurvive(shop: string, operatorToken: string): Promise<void> {
  let cookie = '';
  const request = async (path: string, fields?: Record<string, string>): Promise<Response> => {
    const response = await fetch(`${shop}${path}`, {
      redirect: 'manual',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
      ...(fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields) }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return response;
  };
  const post = async (path: string, fields: Record<string, string>): Promise<string> => {
    const { status, headers } = await request(path, fields);
    if (status !== 303) throw new Error(`${path} was answered with ${status}`);
    return headers.get('location') ?? '';
  };
  const stateOn = async (path: string): Promise<string> => {
    const page = await (await request(path)).text();
    return /id="purchase-now"[^>]*data-state="([a-z]+)"/.exec(page)?.[1] ?? 'no purchase';
  };

  await post('/operators/sign-in', { token: operatorToken });
  await post('/operators/demo/pauses', { part: 'purchase-service', seconds: String(pauseSeconds) });
  const page = await post(
    '/operators/demo/purchases',
    orderOn(await (await request('/operators/demo')).text()),
  );
  const first = await stateOn(page);
  if (first !== 'accepted')
    throw new Error(`while the purchase-service was paused, the purchase was: ${first}`);
  await waitUntil(async () => {
    const state = await stateOn(page);
    return state === 'recorded' || `the purchase is: ${state}`;
  }, recordedWithinMs);
}

/** The hidden fields of the page's form to buy. */
function orderOn(page: string): Record<string, string> {
  const start = page.indexOf('action="/operators/demo/purchases');
  const form = page.slice(start, page.indexOf('</form>', start));
  return Object.fromEntries(
    [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
}
