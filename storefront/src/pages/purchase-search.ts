import { purchaseIdSchema, shopperIdSchema } from '@unity-purchase/contracts';
import { z } from 'zod';
import type { PurchaseQuery } from '../operators/desk.js';
import type { Texts } from '../texts/languages.js';
import type { FieldError } from './read-form.js';

/** What stands in the form, as it was typed. */
export type PurchaseSearchValues = { shopper: string; purchase: string; before: string };

const typed = z.string().max(200).catch('');

/** As `<input type="datetime-local">` has it, in UTC. */
const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/** Reads what operators look for from the address of a page: the query, or what is wrong with what was typed. */
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
    const time = localTime.test(values.before) ? new Date(`${values.before}Z`) : undefined;
    if (time !== undefined && !Number.isNaN(time.getTime())) query.before = time.toISOString();
    else errors.push({ field: 'before', message: desk.notATime });
  }
  return { values, query, errors };
}
