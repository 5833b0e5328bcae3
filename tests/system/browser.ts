import { findChromium } from '@unity-purchase/tools';
import { chromium, type Browser } from 'playwright-core';

/** Nothing of the browser's own may go out: on a closed network each attempt would be refused, and slow the test down. */
const quietArguments = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** The system's Chromium, without a window. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (executablePath === undefined)
    throw new Error('there is no Chromium; npm test installs one where it can');
  // Chromium's sandbox needs a user that is not root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args: [...quietArguments, ...sandbox] });
}
