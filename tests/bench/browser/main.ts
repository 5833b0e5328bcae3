import { obtainRequirements, readArguments, runInterruptibly } from '@unity-purchase/tools';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../../system/browser.js';
import { numberOption } from '../../system/number-option.js';
import { median } from '../report/statistics.js';
import { figureColumns, renderTable } from '../report/table.js';
import { furnishShop, type FurnishedShop } from './furnished-shop.js';
import { visit, type Network, type Visit } from './visit.js';

/**
 * Measures in Chromium what each page weighs and when it is painted, and prints the medians. The first visit finds the browser's
 * cache empty, and the next one finds the files there. Another first visit has a slow network.
 */

/** A telephone with a bad connection. */
const slowNetwork: Network = { latencyMs: 400, bytesPerSecond: 50_000 };

/** The visits of one page in one round. */
type Round = Record<'first' | 'again' | 'slow', Visit>;

process.exit(
  await runInterruptibly(() => {
    const { rounds } = readArguments('bench:pages', process.argv.slice(2)).values;
    return numberOption('rounds', rounds, { min: 1, max: 100, isWhole: true });
  }, measurePages),
);

async function measurePages(rounds: number, signal: AbortSignal): Promise<void> {
  await obtainRequirements('bench:pages');
  await using shop = await furnishShop();
  const browser = await openBrowser();
  const measured = new Map<string, Round[]>(shop.pages.map(([name]) => [name, []]));
  try {
    // The first round warms the services up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      console.log(round === 0 ? 'Warming up ...' : `Round ${round} of ${rounds} ...`);
      for (const [name, path] of shop.pages) {
        signal.throwIfAborted();
        const figures = await measure(browser, shop, path);
        if (round > 0) measured.get(name)?.push(figures);
      }
    }
  } finally {
    await browser.close();
  }
  console.log(
    `${table(measured)}\n\nMedians of ${rounds} rounds. A slow network has ${slowNetwork.latencyMs} ms latency`,
  );
  console.log(`and transfers ${slowNetwork.bytesPerSecond / 1_000} kB a second. Times are milliseconds.`);
}

async function measure(browser: Browser, shop: FurnishedShop, path: string): Promise<Round> {
  const open = async () => {
    const context = await browser.newContext({ baseURL: shop.storefront });
    await shop.enter(context);
    return context;
  };
  const context = await open();
  const first = await visit(context, path);
  const again = await visit(context, path);
  await context.close();
  const slowContext = await open();
  const slow = await visit(slowContext, path, slowNetwork);
  await slowContext.close();
  return { first, again, slow };
}

function table(measured: ReadonlyMap<string, readonly Round[]>): string {
  const columns: [title: string, read: (round: Round) => number, digits: number][] = [
    ['kB', ({ first }) => first.bytes / 1_000, 1],
    ['requests', ({ first }) => first.requests, 0],
    ['kB again', ({ again }) => again.bytes / 1_000, 1],
    ['requests again', ({ again }) => again.requests, 0],
    ['first paint', ({ first }) => first.firstPaintMs, 0],
    ['largest', ({ first }) => first.largestPaintMs, 0],
    ['first paint again', ({ again }) => again.firstPaintMs, 0],
    ['first paint, slow', ({ slow }) => slow.firstPaintMs, 0],
    ['largest, slow', ({ slow }) => slow.largestPaintMs, 0],
  ];
  return renderTable(
    figureColumns('Page', ...columns.map(([title]) => title)),
    [...measured].map(([name, rounds]) => [
      name,
      ...columns.map(([, read, digits]) => median(rounds.map(read)).toFixed(digits)),
    ]),
  );
}
