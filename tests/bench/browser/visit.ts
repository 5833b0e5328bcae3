import { waitUntil } from '@unity-purchase/tools';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** What one visit of a page took. */
export type Visit = {
  /** Bytes that came over the wire, with headers. Answers from the browser's cache take none. */
  bytes: number;
  /** Requests that were sent. */
  requests: number;
  /** From the navigation until the first content was painted, and until the largest was. */
  firstPaintMs: number;
  largestPaintMs: number;
};

/** A network as the browser imitates it. */
export type Network = { latencyMs: number; bytesPerSecond: number };

const loadedWithinMs = 60_000;

/** Opens a page in a window that counts what it loads. Each call is one visit; the cache of the context stays. */
export async function visit(context: BrowserContext, path: string, network?: Network): Promise<Visit> {
  const page = await context.newPage();
  const devTools = await context.newCDPSession(page);
  await devTools.send('Network.enable');
  if (network !== undefined)
    await devTools.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: network.latencyMs,
      downloadThroughput: network.bytesPerSecond,
      uploadThroughput: network.bytesPerSecond,
    });
  const traffic = countTraffic(devTools);
  await page.goto(path, { waitUntil: 'load', timeout: loadedWithinMs });
  await waitUntil(() => Promise.resolve(traffic.isQuiet() || 'the page is still loading'), loadedWithinMs);
  const paints = await readPaints(page);
  await page.close();
  return { bytes: traffic.bytes(), requests: traffic.requests(), ...paints };
}

/** Counts the requests of a page. Streams of events never end and are left out. */
function countTraffic(devTools: CDPSession) {
  const open = new Set<string>();
  const sent = new Set<string>();
  let bytes = 0;
  devTools.on('Network.requestWillBeSent', ({ requestId, type }) => {
    if (type === 'EventSource') return;
    open.add(requestId);
    sent.add(requestId);
  });
  devTools.on('Network.requestServedFromCache', ({ requestId }) => sent.delete(requestId));
  devTools.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.fromDiskCache === true) sent.delete(requestId);
  });
  devTools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    open.delete(requestId);
    if (sent.has(requestId)) bytes += encodedDataLength;
  });
  devTools.on('Network.loadingFailed', ({ requestId }) => open.delete(requestId));
  return { isQuiet: () => open.size === 0, bytes: () => bytes, requests: () => sent.size };
}

/** Chromium reports the largest paint of a page until someone touches it. */
async function readPaints(page: Page): Promise<Pick<Visit, 'firstPaintMs' | 'largestPaintMs'>> {
  return page.evaluate(`new Promise((resolve) => {
    const observed = (type) => new Promise((done) => {
      new PerformanceObserver((list) => done(list.getEntries())).observe({ type, buffered: true });
    });
    Promise.all([observed('paint'), observed('largest-contentful-paint')]).then(([paints, largest]) => resolve({
      firstPaintMs: paints.find(({ name }) => name === 'first-contentful-paint').startTime,
      largestPaintMs: largest.at(-1).startTime,
    }));
  })`);
}
