import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCleanup, findFreePorts } from '@unity-purchase/tools';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { startOpenIdProvider } from '../system/openid-provider.js';
import { keepSecret } from '../system/secrets.js';
import { startTestSystem, type TestSystem } from '../system/test-system.js';
import { createDemandingRecords, type DemandingRecords } from './demanding-records.js';
import { shoppers } from './demanding-shoppers.js';
import type { ShopPage } from './shop-page.js';
import { pagesOf } from './shop-pages.js';
import { tokens } from './tokens.js';
import { fullBasket, visitorWith, withEarlierBasket, type Visitor } from './visitors.js';

/** A shop with demanding records, its pages, and the people who visit them. */
export type PreparedShop = AsyncDisposable & {
  system: TestSystem;
  pages: readonly ShopPage[];
  visitors: Readonly<Record<VisitorName, Visitor>>;
};

export type VisitorName = keyof Awaited<ReturnType<typeof visitorsOf>>;

const client = { id: 'shop', secret: 'of-a-client-that-nobody-signs-in-with' };

/** Starts a shop with both ways to sign in and with a desk, and fills it. Disposing of it stops everything and deletes its data. */
export async function prepareShop(browser: Browser): Promise<PreparedShop> {
  const cleanup = createCleanup();
  try {
    const system = await startShop(cleanup);
    const records = await createDemandingRecords(system);
    return {
      system,
      pages: pagesOf(records),
      visitors: await visitorsOf(browser, system, records),
      [Symbol.asyncDispose]: cleanup.run,
    };
  } catch (thrown) {
    await cleanup.run();
    throw thrown;
  }
}

async function startShop(cleanup: ReturnType<typeof createCleanup>): Promise<TestSystem> {
  const [providerPort = 0] = await findFreePorts(1);
  const dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
  cleanup.add({ [Symbol.asyncDispose]: () => rm(dataDir, { recursive: true, force: true }) });
  const system = cleanup.add(
    await startTestSystem({
      dataDir,
      offersPauses: true,
      env: {
        apps: { OPERATOR_TOKEN: tokens.operator, APP_API_TOKEN: tokens.sidecar },
        sidecars: { APP_API_TOKEN: tokens.sidecar },
      },
      envOf: ({ storefront }) => ({
        DEMO_SIGN_IN: 'true',
        OIDC_ISSUER: `http://127.0.0.1:${providerPort}`,
        OIDC_CLIENT_ID: client.id,
        PUBLIC_URL: storefront,
      }),
    }),
  );
  cleanup.add(
    await startOpenIdProvider({
      port: providerPort,
      audience: 'https://shop.test/api',
      client: {
        ...client,
        redirectUri: `${system.storefront}/sign-in/callback`,
        afterSignOut: `${system.storefront}/`,
      },
      accountOf: () => ({ name: 'Ada Lovelace', roles: [] }),
    }),
  );
  return system;
}

async function visitorsOf(
  browser: Browser,
  { storefront, dataDir }: TestSystem,
  { delayedForDays }: DemandingRecords,
) {
  const mug = [{ sku: 'mug', quantity: 1 }];
  const small = [...mug, { sku: 'honey', quantity: 2 }, { sku: 'desk-lamp', quantity: 1 }];
  const shopper = shoppers.longHistory;
  const visitor = (past: Parameters<typeof visitorWith>[2]) => visitorWith(browser, storefront, past);
  const secretsFile = await readFile(join(dataDir, 'secrets.json'), 'utf8');
  const { session: secret } = z.object({ session: z.string() }).parse(JSON.parse(secretsFile));
  const ada = await visitor({ shopper, basket: small });
  const all = {
    stranger: await visitor({}),
    payingInYen: await visitor({ currency: 'JPY' }),
    shopper: ada,
    fullBasket: await visitor({ shopper, basket: fullBasket }),
    earlierBasket: await withEarlierBasket(ada, { shopper, purchaseId: delayedForDays.purchaseId, secret }),
    newcomer: await visitor({ shopper: shoppers.newcomer }),
    erased: await visitor({ shopper: shoppers.erased }),
    longName: await visitor({ shopper: shoppers.longName, basket: small }),
    rightToLeft: await visitor({ shopper: shoppers.rightToLeft, basket: mug }),
    markup: await visitor({ shopper: shoppers.markup, basket: small }),
    emoji: await visitor({ shopper: shoppers.emoji, basket: mug }),
    operator: await visitor({ shopper: shoppers.operator, operatorToken: tokens.operator }),
  };
  for (const { cookies } of Object.values(all))
    for (const { name, value } of cookies) keepSecret(`the cookie "${name}" of a visitor`, value);
  return all;
}
