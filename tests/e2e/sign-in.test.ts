import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appIds, historyPageSchema } from '@unity-purchase/contracts';
import { findFreePorts, waitUntil, createCleanup } from '@unity-purchase/tools';
import * as openId from 'openid-client';
import type { Browser, Page } from 'playwright-core';
import { openMenu } from '../system/purchase-pages.js';
import { openBrowser } from '../system/browser.js';
import { startOpenIdProvider, type OpenIdProvider } from '../system/openid-provider.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';

const audience = 'https://shop.test/api';
const client = { id: 'shop', secret: 'of-the-client-in-the-secret-store' };
const accounts = {
  ada: { name: 'Ada Lovelace', roles: ['customer'] },
  grace: { name: 'Grace Hopper', roles: ['operator'] },
};

const cleanup = createCleanup();
let shop: TestSystem;
let browser: Browser;
let providerPort: number;
let provider: OpenIdProvider;
let dataDir: string;

const startProvider = () =>
  startOpenIdProvider({
    port: providerPort,
    audience,
    client: {
      ...client,
      redirectUri: `${shop.storefront}/sign-in/callback`,
      afterSignOut: `${shop.storefront}/`,
    },
    accountOf: (id) => accounts[id as keyof typeof accounts],
  });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
  const secrets = { session: 'b'.repeat(64), 'oidc-client': client.secret };
  await writeFile(join(dataDir, 'secrets.json'), JSON.stringify(secrets));
  [providerPort = 0] = await findFreePorts(1);
  shop = cleanup.add(
    await startTestSystem({
      dataDir,
      envOf: ({ storefront }) => ({
        OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
        OIDC_CLIENT_ID: client.id,
        OIDC_CLIENT_SECRET_NAME: 'oidc-client',
        OIDC_API_AUDIENCE: audience,
        PUBLIC_URL: storefront,
      }),
    }),
  );
  browser = cleanup.add(await openBrowser());
}, 120_000);

afterAll(async () => {
  await cleanup.run();
  await rm(dataDir, { recursive: true, force: true });
}, 60_000);

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${shop.storefront}${path}`, { redirect: 'manual', ...init });

/** Signs in at the provider. */
async function signInAt(page: Page, login: string): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${shop.storefront}/**`);
}

test('while the issuer is down the shop shows its catalogue and says that sign-in is unavailable', async () => {
  expect((await ask('/')).status).toBe(200);
  expect((await ask('/sign-in')).status).toBe(200);
  const response = await ask('/sign-in/start?returnTo=/');
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await response.text()).toContain('Sign-in is not available right now');
  const withToken = await ask('/api/purchases', { headers: { authorization: 'Bearer x.y.z' } });
  expect(withToken.status).toBe(503);

  provider = cleanup.add(await startProvider());
  expect((await ask('/sign-in/start?returnTo=/')).status).toBe(303);
});

test('a shopper signs in at the issuer, buys and signs out of both', async () => {
  const context = await browser.newContext({ baseURL: shop.storefront });
  const page = await context.newPage();
  await page.goto('/products/mug');
  await page.getByRole('button', { name: 'Add to basket' }).click();
  await page.getByRole('button', { name: 'Check your order' }).click();
  await signInAt(page, 'ada');
  expect(new URL(page.url()).pathname).toBe('/checkout');
  await page.getByRole('button', { name: /^Buy for/ }).click();
  await waitUntil(async () => {
    const state = await page.locator('#purchase-status').getAttribute('data-state');
    return state === 'recorded' || `the page says ${String(state)}`;
  }, 30_000);
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Thank you, Ada Lovelace');

  await openMenu(page);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('link', { name: 'Sign out there too' }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL(`${shop.storefront}/`);
  await page.goto('/purchases');
  expect(new URL(page.url()).pathname).toBe('/sign-in');
  await context.close();
});

test.each([
  ['grace', 200],
  ['ada', 303],
] as const)(
  'of %s, whose roles the issuer knows, the operators’ pages are answered with %i',
  async (login, status) => {
    const context = await browser.newContext({ baseURL: shop.storefront });
    const page = await context.newPage();
    await page.goto('/sign-in');
    await signInAt(page, login);
    const response = await context.request.get('/operators/dead-letters', { maxRedirects: 0 });
    expect(response.status()).toBe(status);
    await context.close();
  },
);

describe('coming back from the issuer', () => {
  /** A started sign-in attempt: the shop's cookie and the request to the issuer. */
  async function begin(returnTo = '/') {
    const response = await ask(`/sign-in/start?${new URLSearchParams({ returnTo }).toString()}`);
    const cookie = response.headers.getSetCookie().find((text) => text.startsWith('sign-in=')) ?? '';
    return { cookie, asked: new URL(response.headers.get('location') ?? '').searchParams };
  }
  const comeBack = (query: Record<string, string>, cookie = '') =>
    ask(`/sign-in/callback?${new URLSearchParams(query).toString()}`, {
      headers: { cookie: cookie.split(';')[0] ?? '' },
    });

  test('requires a fresh state, nonce and code challenge, kept in a cookie that scripts cannot read', async () => {
    const [first, second] = [await begin(), await begin()];
    expect(first.asked.get('response_type')).toBe('code');
    expect(first.asked.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first.asked.get(name)?.length).toBeGreaterThanOrEqual(43);
      expect(first.asked.get(name)).not.toBe(second.asked.get(name));
    }
    expect(first.cookie).toMatch(/HttpOnly/i);
    expect(first.cookie).toMatch(/SameSite=Lax/i);
    expect(first.cookie).not.toContain(first.asked.get('state'));
  });

  test.each<[what: string, come: () => Promise<Response>]>([
    ['without having left', () => comeBack({ code: 'x', state: 'y' })],
    [
      'with another state',
      async () => comeBack({ code: 'x', state: 'y', iss: provider.issuer }, (await begin()).cookie),
    ],
    [
      'with a code that the issuer never gave',
      async () => {
        const { cookie, asked } = await begin();
        return comeBack({ code: 'x', state: asked.get('state') ?? '', iss: provider.issuer }, cookie);
      },
    ],
    [
      'from another issuer',
      async () => {
        const { cookie, asked } = await begin();
        return comeBack(
          { code: 'x', state: asked.get('state') ?? '', iss: 'https://elsewhere.example' },
          cookie,
        );
      },
    ],
    ['with nothing', async () => comeBack({}, (await begin()).cookie)],
    [
      'with the attempt of somebody else',
      async () =>
        comeBack({ code: 'x', state: (await begin()).asked.get('state') ?? '' }, (await begin()).cookie),
    ],
  ])('%s lets nobody in', async (_what, come) => {
    const response = await come();
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Sign-in failed');
    expect(response.headers.getSetCookie().join()).not.toContain('session=');
  });

  test('is not an error of the shop when the shopper refused at the issuer', async () => {
    const { cookie, asked } = await begin();
    const state = asked.get('state') ?? '';
    const response = await comeBack({ error: 'access_denied', state, iss: provider.issuer }, cookie);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('You are not signed in');
  });

  test('with one address twice signs in once and redirects to no other site', async () => {
    const context = await browser.newContext({ baseURL: shop.storefront });
    const page = await context.newPage();
    let address = '';
    page.on('request', (request) => {
      if (request.url().includes('/sign-in/callback')) address = request.url();
    });
    await page.goto('/sign-in?returnTo=//elsewhere.example/');
    await signInAt(page, 'ada');
    expect(new URL(page.url()).origin).toBe(shop.storefront);
    const again = await context.request.get(address, { maxRedirects: 0 });
    expect(again.status()).toBe(400);
    await context.close();
  });
});

test('demo sign-in is off when an issuer is configured', async () => {
  const response = await ask('/sign-in', {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ id: 'ada', name: 'Ada' }),
  });
  expect(response.status).toBe(404);
});

describe('the API', () => {
  const inAMinute = () => Math.floor(Date.now() / 1_000) + 60;
  const claims = () => ({ iss: provider.issuer, aud: audience, sub: 'ada', exp: inAMinute() });
  const history = (token: string) => ask('/api/purchases', { headers: { authorization: `Bearer ${token}` } });

  /** An access token of the provider for the shop's API, issued to Ada. */
  async function tokenOf(login: string): Promise<string> {
    const issuer = await openId.discovery(
      new URL(provider.issuer),
      client.id,
      {},
      openId.ClientSecretBasic(client.secret),
      {
        // eslint-disable-next-line @typescript-eslint/no-deprecated
        execute: [openId.allowInsecureRequests],
      },
    );
    const codeVerifier = openId.randomPKCECodeVerifier();
    const url = openId.buildAuthorizationUrl(issuer, {
      redirect_uri: `${shop.storefront}/sign-in/callback`,
      scope: 'openid purchases',
      resource: audience,
      code_challenge: await openId.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
    });
    const context = await browser.newContext();
    const page = await context.newPage();
    // The shop rejects the code, because this browser started no attempt.
    let address = '';
    page.on('request', (request) => {
      if (request.url().includes('/sign-in/callback')) address = request.url();
    });
    await page.goto(url.href);
    await page.locator('input[name=login]').fill(login);
    await page.locator('input[name=password]').fill('any');
    await page.getByRole('button', { name: 'Sign-in' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${shop.storefront}/**`);
    await context.close();
    const tokens = await openId.authorizationCodeGrant(
      issuer,
      new URL(address),
      { pkceCodeVerifier: codeVerifier },
      { resource: audience },
    );
    return tokens.access_token;
  }

  test("accepts the issuer's token and acts for its subject", async () => {
    const token = await tokenOf('ada');
    const bought = await ask('/api/purchases', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ lines: [{ sku: 'honey' }] }),
    });
    expect(bought.status).toBe(202);
    await waitUntil(async () => {
      const page = historyPageSchema.parse(await (await history(token)).json());
      const ids = page.purchases.map(({ purchase }) => purchase.shopper.id);
      return (ids.length === 2 && ids.every((id) => id === 'ada')) || `the history is of ${ids.join()}`;
    }, 30_000);
    const ofGrace = historyPageSchema.parse(await (await history(await tokenOf('grace'))).json());
    expect(ofGrace.totals.count).toBe(0);
  });

  test.each<[what: string, token: () => Promise<string> | string]>([
    ['that is none', () => 'x.y.z'],
    ['for another audience', () => provider.sign({ ...claims(), aud: 'https://elsewhere.example' })],
    ['of another issuer', () => provider.sign({ ...claims(), iss: 'https://elsewhere.example' })],
    ['that has expired', () => provider.sign({ ...claims(), exp: inAMinute() - 3_600 })],
    ['that never expires', () => provider.sign({ iss: provider.issuer, aud: audience, sub: 'ada' })],
    ['that is nobody’s', () => provider.sign({ iss: provider.issuer, aud: audience, exp: inAMinute() })],
    [
      'that is not signed',
      () => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
        return `${part({ alg: 'none' })}.${part(claims())}.`;
      },
    ],
    [
      'that was changed',
      async () => {
        const [header = '', , signature = ''] = (await provider.sign(claims())).split('.');
        const other = Buffer.from(JSON.stringify({ ...claims(), sub: 'grace' })).toString('base64url');
        return `${header}.${other}.${signature}`;
      },
    ],
  ])('refuses a token %s', async (_what, token) => {
    const response = await history(await token());
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
  });

  test('accepts a token that is correct in all of these', async () => {
    expect((await history(await provider.sign(claims()))).status).toBe(200);
  });
});

test('the log contains no token, code or name', () => {
  const lines = shop.system.lines(appIds.storefront).join('\n');
  expect(lines).toContain('/sign-in/callback');
  expect(lines).not.toMatch(/Ada Lovelace|Grace Hopper|eyJ|code=/);
});
