import { z } from 'zod';
import { lineKey, type Basket } from '../basket/basket.js';
import { readQuantity } from './item-form.js';
import { readForm } from './read-form.js';

/** The name, and the id, of the field with the quantity of a line. */
export const quantityFieldOf = (key: string) => `quantity:${key}`;

/** Every field except those of the buttons is the quantity of a line. */
const formSchema = z.record(z.string(), z.string());

/** What the basket's form asks for. All quantities that were typed apply, whichever button was pressed. */
export type BasketForm = {
  /** Quantities as the shopper typed them, by field. */
  typed: Readonly<Record<string, string>>;
  /** The new quantities, by line key. Zero removes a line. */
  quantities: ReadonlyMap<string, number>;
  /** The fields whose quantity is not valid, with the item of each. */
  mistakes: { field: string; sku: string }[];
  /** The key of the line to remove. */
  remove: string | undefined;
  /** The key of the line whose quantity is one more or one less. */
  stepped: string | undefined;
  goesToCheckout: boolean;
};

/** Reads the basket's form for the lines of a basket. @throws AppError 400 for a form that no page of the shop could have sent */
export function readBasketForm(body: unknown, basket: Basket): BasketForm {
  const { remove, more, less, then, ...typed } = readForm(formSchema, body);
  const mistakes: BasketForm['mistakes'] = [];
  const quantities = new Map<string, number>();
  for (const line of basket.lines) {
    const key = lineKey(line);
    const field = quantityFieldOf(key);
    const text = typed[field];
    // Another window may have added lines that this form does not have. They stay.
    if (text === undefined || key === remove) continue;
    const quantity = text.trim() === '0' ? 0 : readQuantity(text);
    const stepped = quantity === undefined ? undefined : quantity + stepOf(key, { more, less });
    if (stepped === undefined || (stepped > 0 && readQuantity(String(stepped)) === undefined))
      mistakes.push({ field, sku: line.sku });
    else quantities.set(key, Math.max(0, stepped));
  }
  return { typed, quantities, mistakes, remove, stepped: more ?? less, goesToCheckout: then === 'checkout' };
}

function stepOf(key: string, { more, less }: { more: string | undefined; less: string | undefined }): number {
  if (key === more) return 1;
  return key === less ? -1 : 0;
}
