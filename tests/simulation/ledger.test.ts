import { expect, test } from '@jest/globals';
import { shopperKey } from '@unity-purchase/contracts';
import { purchaseAt } from './earlier-shop.js';
import { Ledger } from './ledger.js';

const erasure = (startMs: number, endMs: number, isComplete: boolean) => ({
  shopper: shopperKey('ada'),
  startMs,
  endMs,
  isComplete,
});

test.each([
  ['only complete ones', [erasure(0, 10, true), erasure(20, 30, true)], false],
  ['one that failed', [erasure(0, 10, true), erasure(20, 30, false)], true],
  ['one that is still running', [erasure(0, Infinity, false)], true],
  ['one that failed, and a complete one after it', [erasure(0, 10, false), erasure(10, 20, true)], false],
  [
    'one that failed, and a complete one at the same time',
    [erasure(0, 10, false), erasure(5, 20, true)],
    true,
  ],
])('an operator repeats an erasure or not after %s', (_after, erasures, isOpen) => {
  const ledger = new Ledger();
  ledger.erasures.push(...erasures);
  expect(ledger.isErasureOpen('ada')).toBe(isOpen);
  expect(ledger.isErasureOpen('bob')).toBe(false);
});

test('a purchase need not be recorded after its dead letter was discarded, until that arrives again', () => {
  const ledger = new Ledger();
  const purchase = purchaseAt(1, 0, 100, 'EUR');
  const { purchaseId } = purchase;
  ledger.add(purchase, 0).isAccepted = true;
  const mustBeRecorded = () => ledger.ids.every((orders) => ledger.mustBeRecorded(orders));
  const text = JSON.stringify({ data: purchase });
  ledger.takenDeadLetters.push({ text, startMs: 5 });
  expect(mustBeRecorded()).toBe(true);
  ledger.discards.set('a dead letter', { purchaseId, startMs: 10, endMs: 20 });
  expect(mustBeRecorded()).toBe(false);
  ledger.takenDeadLetters.push({ text, startMs: 30 });
  expect(mustBeRecorded()).toBe(true);
});
