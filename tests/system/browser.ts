import { findChromium } from '@unity-purchase/tools';
import { chromium, type Browser } from 'playwright-core';

/** Stops the browser's own traffic: on a closed network every attempt would fail and slow the test down. */
const quietArguments = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Opens the system's Chromium without a window. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined)
    throw new Error('Chromium is not installed; npm test installs it where it can');
  // Chromium's sandbox needs a user that is not root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...quietArguments, ...sandbox] });
}
