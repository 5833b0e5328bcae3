import { shopperIdLengthMax, visibleLine, type Shopper } from '@unity-purchase/contracts';
import { z } from 'zod';
import { localPath } from '../paths.js';
import type { Texts } from '../texts/languages.js';
import type { FieldError } from './read-form.js';
import { readForm } from './read-form.js';

const formSchema = z.strictObject({ id: z.string(), name: z.string(), returnTo: z.string().optional() });

/**
 * Capital letters make another customer number, because histories exist under numbers with capitals. So the form keeps phones
 * from capitalising the first letter.
 */
const shopperForm = z.object({ id: visibleLine(shopperIdLengthMax), name: visibleLine(100) });

export type SignInForm = { values: { id: string; name: string }; returnTo: string };

/** Reads the sign-in form. @throws AppError 400 for a form that no page of the shop could have sent */
export function readSignInForm(body: unknown): SignInForm {
  const { id, name, returnTo } = readForm(formSchema, body);
  return { values: { id, name }, returnTo: localPath(returnTo) };
}

/** The shopper who signs in, or the first error of each field. */
export function readShopper(
  values: SignInForm['values'],
  texts: Texts,
): { shopper: Shopper } | { errors: FieldError[] } {
  const parsed = shopperForm.safeParse(values);
  if (parsed.success) return { shopper: parsed.data };
  const first = new Map<string, FieldError>();
  for (const issue of parsed.error.issues) {
    const field = issue.path[0] === 'id' ? 'id' : 'name';
    if (!first.has(field)) first.set(field, { field, message: describe(issue, texts.signIn[field], texts) });
  }
  return { errors: [...first.values()] };
}

function describe(issue: z.core.$ZodIssue, label: string, { problems: { field } }: Texts): string {
  if (issue.code === 'too_small') return field.empty(label);
  if (issue.code === 'too_big') return field.tooLong(label, Number(issue.maximum));
  return field.characters(label);
}
