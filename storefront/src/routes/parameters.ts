import {
  currencySchema,
  historyQuerySchema,
  monthSchema,
  purchaseIdSchema,
  searchTextMax,
  yearSchema,
  type Currency,
} from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import type { Request } from 'express';
import { z } from 'zod';
import type { HistoryPeriod } from '../paths.js';

const purchasePathSchema = z.object({ purchaseId: purchaseIdSchema });

/** The purchase id in the path. @throws AppError 404 for an invalid id, because it identifies no purchase */
export function purchaseIdParameter(request: Request): string {
  return parsePath(purchasePathSchema, request).purchaseId;
}

/** The cursor of a page of a list; undefined for the first page. @throws AppError 400 for more than one cursor */
export function cursorParameter({ query: { cursor } }: Request): string | undefined {
  if (cursor !== undefined && typeof cursor !== 'string') throw new AppError('invalid-cursor');
  return cursor;
}

/** The month or the year to which a list is limited. @throws AppError 400 for an invalid one, and for both */
export function periodParameter({ query: { month, year } }: Request): HistoryPeriod {
  if (month !== undefined && year !== undefined)
    throw new AppError('invalid-cursor', { detail: 'Choose either a month or a year.' });
  return {
    month: validParameter(monthSchema, month, 'The month is not valid.'),
    year: validParameter(yearSchema, year, 'The year is not valid.'),
  };
}

/** The currency of a chart, if it is chosen. @throws AppError 400 for an unknown code */
export function currencyParameter({ query: { currency } }: Request): Currency | undefined {
  return validParameter(currencySchema, currency, 'The currency is not valid.');
}

function validParameter<Value>(schema: z.ZodType<Value>, value: unknown, detail: string): Value | undefined {
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new AppError('invalid-cursor', { detail });
  return parsed.data;
}

/** A text to search for: undefined if nothing is searched for. `isCut` says that only its beginning is searched for. */
export type SearchedText = { text: string | undefined; isCut: boolean };

/** The text that a shopper searches for in their purchases, without what no one sees. */
export function searchParameter({ query: { q } }: Request): SearchedText {
  const typed =
    typeof q === 'string'
      ? q
          .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
          .normalize('NFC')
          .trim()
      : '';
  // The cut can split a character.
  const text = typed.slice(0, searchTextMax).replace(/\p{Cs}/gu, '');
  return { text: historyQuerySchema.shape.q.safeParse(text).data, isCut: typed.length > searchTextMax };
}
