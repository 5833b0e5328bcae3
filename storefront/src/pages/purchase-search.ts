import { purchaseIdSchema, shopperIdSchema } from '@unity-purchase/contracts';
import { z } from 'zod';
import type { PurchaseQuery } from '../operators/desk.js';
import type { Texts } from '../texts/languages.js';
import { readLocalTime } from './local-time.js';
import type { FieldError } from './read-form.js';

/** The fields of the search form as the operator typed them. */
export type PurchaseSearchValues = { shopper: string; purchase: string; before: string };

const typed = z.string().max(200).catch('');

/** Reads a search from the query parameters of a page: the query, or all errors in what the operator typed. */
export function readPurchaseSearch(
  parameters: Readonly<Record<string, unknown>>,
  { desk, problems }: Texts,
): { values: PurchaseSearchValues; query: Omit<PurchaseQuery, 'cursor'>; errors: FieldError[] } {
  const read = (name: string) => typed.parse(parameters[name]).trim();
  const values = { shopper: read('shopper'), purchase: read('purchase'), before: read('before') };
  const errors: FieldError[] = [];
  const query: Omit<PurchaseQuery, 'cursor'> = {};
  if (values.shopper !== '') {
    if (shopperIdSchema.safeParse(values.shopper).success) query.shopperId = values.shopper;
    else errors.push({ field: 'shopper', message: problems.field.characters(desk.shopper) });
  }
  if (values.purchase !== '') {
    const id = purchaseIdSchema.safeParse(values.purchase);
    if (id.success) query.purchaseId = id.data;
    else errors.push({ field: 'purchase', message: desk.notAPurchaseId });
  }
  if (values.before !== '') {
    const time = readLocalTime(values.before);
    if (time !== undefined) query.before = time;
    else errors.push({ field: 'before', message: desk.notATime });
  }
  return { values, query, errors };
}
