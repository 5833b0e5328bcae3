import type { Page } from 'playwright-core';
import { loadPictures } from './visit-pages.js';

/** Screen widths from the narrowest supported to a wide one. */
export const widths = [320, 1280, 2560];

/** By how many pixels a page is wider than its window, for each width of a window at which it is wider. */
export async function overflowsOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate<number>(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    if (overflow > 0) found.push(`${overflow} px at ${width} px`);
  }
  return found;
}

/** Everything a page loaded, including pictures below the fold: addresses and bytes on the wire. */
export async function loadedBy(page: Page): Promise<{ name: string; transferSize: number }[]> {
  await loadPictures(page);
  return page.evaluate(`[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({ name, transferSize }) => ({ name, transferSize }))`);
}

/** axe-core's violations of WCAG 2.2 AA and its best practices, in a colour scheme. `axe` is the source of axe-core. */
export async function violationsOf(
  page: Page,
  axe: string,
  colorScheme: 'light' | 'dark',
): Promise<string[]> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(axe);
  return page.evaluate<string[]>(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ': ' + html + ' ' + failureSummary)))`);
}

/** The addresses of all links on a page. */
export function linksOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('a[href]:not([href^="#"])')].map((link) => link.href.replace(/#.*/, ''))`,
  );
}

/** More elements than any page has. A page that keeps the focus in a part of it is found before. */
const pressesMax = 400;

/**
 * What is wrong with a page for someone who has only a keyboard: elements that the Tab key does not reach, and elements that have no
 * outline while they have the focus.
 */
export async function keyboardProblemsOf(page: Page): Promise<string[]> {
  await page.evaluate(prepareKeyboard);
  const problems: string[] = [];
  for (let presses = 0; presses < pressesMax; presses += 1) {
    await page.keyboard.press('Tab');
    const focused = await page.evaluate<{ isDone: boolean; problem?: string }>('window.seeFocus()');
    if (focused.problem !== undefined) problems.push(focused.problem);
    if (focused.isDone) break;
  }
  return [...problems, ...(await page.evaluate<string[]>('window.notReached()'))];
}

const prepareKeyboard = `(() => {
  // Tab starts where the focus is, and pages with problems move it there.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  const selector = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';
  const isStop = (element) =>
    !element.disabled && element.closest('[inert]') === null && element.tabIndex >= 0 && element.checkVisibility({ visibilityProperty: true }) &&
    !(element.type === 'radio' && !element.checked && document.querySelector('[name="' + element.name + '"]:checked'));
  const wanted = new Set([...document.querySelectorAll(selector)].filter(isStop));
  const reached = new Set();
  let before;
  const nameOf = (element) => element.outerHTML.slice(0, 120);
  window.seeFocus = () => {
    const element = document.activeElement;
    // Some fields have parts, such as the day and the month. The focus stays on the field while Tab goes through them.
    if (element === before) return { isDone: false };
    before = element;
    if (element === null || element === document.body || reached.has(element)) return { isDone: true };
    reached.add(element);
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    return { isDone: false, ...(isSeen ? {} : { problem: 'has no visible focus: ' + nameOf(element) }) };
  };
  window.notReached = () =>
    [...wanted].filter((element) => !reached.has(element)).map((element) => 'is not reached: ' + nameOf(element));
})()`;
