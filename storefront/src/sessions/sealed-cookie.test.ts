import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { CookieOptions } from 'express';
import { createSealedCookie, type SetsCookies } from './sealed-cookie.js';

const startMs = Date.parse('2026-11-29T12:00:00Z');
const seconds = 600;

beforeEach(() => {
  jest.useFakeTimers({
    now: startMs,
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'],
  });
});

afterEach(() => {
  jest.useRealTimers();
});

/** A browser with one cookie, at a shop with these secrets. */
function browserAt(...secrets: [string, ...string[]]) {
  let sent: { value: string; options: CookieOptions } | undefined;
  const response: SetsCookies = {
    cookie: (_name, value, options) => {
      sent = { value, options };
    },
    clearCookie: () => undefined,
  };
  const cookie = createSealedCookie({ name: 'session', secrets, seconds, secure: true });
  return {
    save: (content: object) => cookie.save(response, content),
    open: (value = sent?.value ?? '') =>
      cookie.open({ headers: { cookie: `a=1; session=${value}` } }, response),
    sent: () => sent,
  };
}

const secret = 's'.repeat(40);

describe('a sealed cookie', () => {
  test('is opened again, and shows nothing of what it contains', async () => {
    const browser = browserAt(secret);
    await browser.save({ name: 'Ada' });
    expect(browser.sent()?.options).toMatchObject({ httpOnly: true, secure: true, maxAge: seconds * 1_000 });
    expect(browser.sent()?.value).not.toContain('Ada');
    for (let time = 0; time < 3; time += 1) expect(await browser.open()).toEqual({ name: 'Ada' });
  });

  test('is not opened after its time, however often it was before', async () => {
    const browser = browserAt(secret);
    await browser.save({ name: 'Ada' });
    for (const second of [0, seconds - 1, seconds + 59]) {
      jest.setSystemTime(startMs + second * 1_000);
      expect(await browser.open()).toEqual({ name: 'Ada' });
    }
    // Iron allows clocks to differ by a minute.
    jest.setSystemTime(startMs + (seconds + 61) * 1_000);
    expect(await browser.open()).toBeUndefined();
  });

  test('is not mistaken for another that is remembered', async () => {
    const browser = browserAt(secret);
    await browser.save({ name: 'Ada' });
    const ada = browser.sent()?.value ?? '';
    await browser.save({ name: 'Grace' });
    expect([await browser.open(ada), await browser.open(), await browser.open(ada)]).toEqual([
      { name: 'Ada' },
      { name: 'Grace' },
      { name: 'Ada' },
    ]);
    expect(await browser.open(`x${ada}`)).toBeUndefined();
  });
});
