import { describe, expect, test } from '@jest/globals';
import { purchasePlaced, purchasePlacedSchema, type Purchase } from '@unity-purchase/contracts';
import { readEventProblem } from './event-problem.js';

const purchase: Purchase = {
  purchaseId: '019a0000-0000-7000-8000-000000000001',
  shopper: { id: 'ada', name: 'Ada' },
  lines: [
    { sku: 'mug', title: 'Mug', quantity: 1, unitPrice: 100 },
    { sku: 'cup', title: 'Cup', quantity: 2, unitPrice: 200 },
  ],
  total: { amount: 500, currency: 'EUR' },
  placedAt: '2026-01-01T10:00:00.000Z',
};

/** The problems of an event as the purchase-service reports them. */
function problemsOf(event: unknown): string[] {
  const issues = purchasePlacedSchema.safeParse(event).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join('.')} ${message}`);
}

/** The event with another value at a path; undefined removes what is there. */
function eventWith(path: string, value: unknown): unknown {
  const event = structuredClone(purchasePlaced(purchase)) as unknown as Record<string, unknown>;
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  const parent = parts.reduce((object, part) => object[part] as Record<string, unknown>, event);
  parent[last] = value;
  return event;
}

describe('readEventProblem', () => {
  test.each([
    ['data', 'data', undefined],
    ['data.purchaseId', 'purchaseId', undefined],
    ['data.shopper', 'shopper', undefined],
    ['data.shopper.id', 'customerNumber', undefined],
    ['data.shopper.name', 'name', undefined],
    ['data.lines', 'items', undefined],
    ['data.lines.1', 'item', 2],
    ['data.lines.0.sku', 'productCode', 1],
    ['data.lines.1.title', 'title', 2],
    ['data.lines.1.quantity', 'quantity', 2],
    ['data.lines.0.unitPrice', 'unitPrice', 1],
    ['data.total', 'total', undefined],
    ['data.total.amount', 'amount', undefined],
    ['data.total.currency', 'currency', undefined],
    ['data.placedAt', 'placedAt', undefined],
  ])('says that %s is missing, or breaks its rule', (path, field, line) => {
    const about = { field, ...(line === undefined ? {} : { line }) };
    expect(problemsOf(eventWith(path, undefined)).map(readEventProblem)).toContainEqual({
      kind: 'missing',
      ...about,
    });
    for (const value of [-1.5, '', [], {}, null, 1e15]) {
      const problems = problemsOf(eventWith(path, value)).map(readEventProblem);
      expect([path, value, problems.length > 0]).toEqual([path, value, true]);
      expect(problems.filter(({ kind }) => kind === 'attribute')).toEqual([]);
    }
    expect(problemsOf(eventWith(path, null)).map(readEventProblem)).toContainEqual({
      kind: 'wrong',
      ...about,
    });
  });

  test.each(['specversion', 'id', 'source', 'subject', 'datacontenttype', 'time'])(
    'names the attribute %s of an event',
    (name) => {
      expect(problemsOf(eventWith(name, 7)).map(readEventProblem)).toContainEqual({
        kind: 'attribute',
        name,
      });
    },
  );

  test('tells the rules between fields apart', () => {
    expect(problemsOf(eventWith('data.total.amount', 499)).map(readEventProblem)).toEqual([{ kind: 'sum' }]);
    expect(problemsOf(eventWith('subject', 'eve')).map(readEventProblem)).toEqual([{ kind: 'buyer' }]);
    expect(problemsOf(eventWith('type', 'purchase.placed.v9')).map(readEventProblem)).toEqual([
      { kind: 'wrong', field: 'type' },
    ]);
    expect(problemsOf([1]).map(readEventProblem)).toEqual([{ kind: 'wrong', field: 'event' }]);
  });

  test.each([
    ['the event is not JSON', 'not-json'],
    ['the event is not UTF-8', 'not-utf-8'],
    ['the event is nested too deeply', 'too-deep'],
    ['the event is too large to be kept as a whole', 'too-large'],
  ])('reads "%s"', (problem, fault) => {
    expect(readEventProblem(problem)).toEqual({ kind: 'content', fault });
  });

  test.each(['', 'nonsense', 'data.lines.999999999999999999999.quantity x', '__proto__ x', 'constructor x'])(
    'reads anything: %j',
    (problem) => {
      expect(() => readEventProblem(problem)).not.toThrow();
      expect(readEventProblem(problem).kind).toMatch(/^(attribute|wrong)$/);
    },
  );
});
