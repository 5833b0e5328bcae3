import { expect, test } from '@jest/globals';
import type { Purchase } from '@unity-purchase/contracts';
import { watchBroker } from './broker-health.js';
import type { Placement } from './place-purchase.js';

/** A storefront whose purchases have these outcomes. */
function aShop(...outcomes: readonly Placement[]) {
  const left = [...outcomes];
  let nowMs = 0;
  const { placePurchase, check } = watchBroker(
    () => Promise.resolve(left.shift() ?? 'accepted'),
    () => new Date(nowMs),
  );
  return {
    buy: () => placePurchase({} as Purchase, 'digest'),
    isUp: () =>
      check.check().then(
        () => true,
        () => false,
      ),
    wait: (ms: number) => (nowMs += ms),
  };
}

test('the broker counts as up before the first purchase and after an accepted one', async () => {
  const shop = aShop('accepted');
  expect(await shop.isUp()).toBe(true);
  expect(await shop.buy()).toBe('accepted');
  expect(await shop.isUp()).toBe(true);
});

test.each(['not-accepted', 'not-confirmed'] as const)(
  'the broker counts as down from a purchase that is %s until the next accepted one',
  async (outcome) => {
    const shop = aShop('accepted', outcome, outcome, 'accepted');
    await shop.buy();
    expect(await shop.buy()).toBe(outcome);
    expect(await shop.isUp()).toBe(false);
    shop.wait(100_000);
    await shop.buy();
    shop.wait(100_000);
    expect(await shop.isUp()).toBe(false);
    await shop.buy();
    expect(await shop.isUp()).toBe(true);
  },
);

test('one failure says nothing any more after more than two minutes without a purchase', async () => {
  const shop = aShop('not-confirmed');
  await shop.buy();
  shop.wait(120_000);
  expect(await shop.isUp()).toBe(false);
  shop.wait(1);
  expect(await shop.isUp()).toBe(true);
});
