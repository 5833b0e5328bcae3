import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { unreadable } from './unreadable.js';
import { readerOf } from './wire-schemas.js';

const line = z.object({ sku: z.string().max(10), quantity: z.int().min(1).max(9) });
const order = z.object({
  id: z.uuid(),
  state: z.enum(['open', 'closed']),
  lines: z.array(line).max(5),
  sums: z.record(z.enum(['EUR', 'USD']), z.int()),
  note: z.string().optional(),
});

/** What the writer can write and the reader cannot read. */
const found = (reader: z.ZodType, writer: z.ZodType): string[] =>
  unreadable(readerOf(writer), readerOf(reader));

describe('a reader can read', () => {
  test.each<[string, z.ZodType]>([
    ['its own format', order],
    ['an additional field', order.extend({ gift: z.boolean() })],
    ['a missing optional field', order.omit({ note: true })],
    ['an optional field that became required', order.extend({ note: z.string() })],
    ['fewer values', order.extend({ state: z.enum(['open']) })],
    ['one value', order.extend({ state: z.literal('closed') })],
    [
      'narrower bounds',
      order.extend({ lines: z.array(line.extend({ quantity: z.int().min(2).max(8) })).max(4) }),
    ],
  ])('%s', (_what, writer) => {
    expect(found(order, writer)).toEqual([]);
  });

  test('integers as numbers, and one variant of a union that it knows', () => {
    expect(found(z.number(), z.int())).toEqual([]);
    const forms = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), text: z.string() }),
      z.object({ kind: z.literal('b'), count: z.number() }),
    ]);
    expect(found(forms, z.object({ kind: z.literal('b'), count: z.number() }))).toEqual([]);
  });
});

describe('a reader cannot read', () => {
  test.each<[string, z.ZodType, string]>([
    ['a missing field', order.omit({ id: true }), '$.id may be missing'],
    [
      'a required field that became optional',
      order.extend({ state: order.shape.state.optional() }),
      '$.state may be missing',
    ],
    ['another type', order.extend({ note: z.int() }), '$.note is integer, not string'],
    ['another value', order.extend({ state: z.enum(['open', 'closed', 'lost']) }), '$.state may be "lost"'],
    ['any value', order.extend({ state: z.string() }), '$.state is any value'],
    ['more items', order.extend({ lines: z.array(line).max(6) }), '$.lines: maxItems is more than 5'],
    [
      'a larger number inside a list',
      order.extend({ lines: z.array(line.extend({ quantity: z.int().min(0).max(9) })).max(5) }),
      '$.lines[].quantity: minimum is less than 1',
    ],
    ['another text format', order.extend({ id: z.string() }), '$.id: format is another one'],
    [
      'another key',
      order.extend({ sums: z.record(z.enum(['EUR', 'JPY']), z.int()) }),
      'key of $.sums may be "JPY"',
    ],
    [
      'a field of another name',
      order.omit({ lines: true }).extend({ items: z.array(line) }),
      '$.lines may be missing',
    ],
  ])('%s', (_what, writer, reason) => {
    expect(found(order, writer).join()).toContain(reason);
  });

  test('an unknown variant, or an additional field if it is strict', () => {
    const known = z.object({ kind: z.literal('a') });
    const forms = z.discriminatedUnion('kind', [known, z.object({ kind: z.literal('b') })]);
    expect(found(known, forms)).toEqual(['$.kind may be "b"']);
    expect(found(z.strictObject({ a: z.string() }), z.object({ a: z.string(), b: z.string() }))).toEqual([
      '$.b is not known',
    ]);
  });
});
