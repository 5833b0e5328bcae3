import { shopperIdLengthMax } from '@unity-purchase/contracts';
import type { Texts } from '../texts/languages.js';
import type { FieldError } from './read-form.js';

/** Reads what was typed into the desk's search box, and what is wrong with it. A repeated parameter counts as nothing. */
export function readDeskSearch(typed: unknown, { desk }: Texts): { text: string; errors: FieldError[] } {
  const text = typeof typed === 'string' ? typed.trim() : '';
  if (text.length <= shopperIdLengthMax) return { text, errors: [] };
  const message = desk.search.tooLong(shopperIdLengthMax);
  return { text: text.slice(0, shopperIdLengthMax), errors: [{ field: 'desk-search', message }] };
}
