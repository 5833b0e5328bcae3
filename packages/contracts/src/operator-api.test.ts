import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  auditActions,
  auditKindOf,
  auditTargets,
  namelessOperators,
  operatorHeaderSchema,
  readOperator,
  tokenHolder,
} from './operator-api.js';
import { visibleLine } from './text.js';

describe('operatorHeaderSchema', () => {
  test('decodes any visible line of text', () => {
    const names = fc
      .string({ unit: 'binary', maxLength: 210 })
      .filter((name) => visibleLine(200).safeParse(name).data === name);
    fc.assert(
      fc.property(names, (name) => {
        expect(operatorHeaderSchema.parse(encodeURIComponent(name))).toBe(name);
      }),
    );
  });

  test.each([
    ['is empty', ''],
    ['is not encoded', 'Zoë'],
    ['has two values', 'ada, bob'],
    ['ends within an escape', 'ada%2'],
    ['is not UTF-8', '%ff'],
    ['is half of a character', '%ED%A0%80'],
    ['contains a line break', 'ada%0Abob'],
    ['shows nothing', encodeURIComponent('\u3164\u200b')],
    ['is too long', encodeURIComponent('é'.repeat(201))],
  ])('refuses a header that %s', (_what, value) => {
    expect(operatorHeaderSchema.safeParse(value).success).toBe(false);
  });
});

describe('readOperator', () => {
  test.each([
    [tokenHolder(undefined), { by: 'token', name: undefined }],
    [tokenHolder('Grace, as Ada'), { by: 'token', name: 'Grace, as Ada' }],
    [namelessOperators.unknown, { by: 'unknown' }],
    ['grace@shop.example', { by: 'name', name: 'grace@shop.example' }],
    ["the operators' tokens", { by: 'name', name: "the operators' tokens" }],
  ])('reads %j', (operator, read) => {
    expect(readOperator(operator)).toEqual(read);
  });
});

describe('auditKindOf', () => {
  test('of an action without a target is one of the two kinds', () => {
    const decisions = auditActions.filter((action) => auditKindOf({ action }) === 'decisions');
    expect(decisions).toEqual([
      'replay-dead-letter',
      'discard-dead-letter',
      'export-shopper',
      'erase-shopper',
    ]);
  });

  test.each([
    ['list-dead-letters', auditTargets.replayMany, 'decisions'],
    ['list-purchases', 'rebuild/history/repair', 'decisions'],
    ['list-purchases', 'rebuild/segments/repair/replace-unreadable', 'decisions'],
    ['list-purchases', 'rebuild/history', 'views'],
    ['list-purchases', 'rebuild/history/shoppers/~repair', 'views'],
    ['find-purchase', auditTargets.name, 'views'],
    ['read-purchase', 'replay/x', 'views'],
  ] as const)('of %s with the target %s is %s', (action, target, kind) => {
    expect(auditKindOf({ action, target })).toBe(kind);
  });
});
