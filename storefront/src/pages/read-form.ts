import { AppError } from '@unity-purchase/service-kit';
import type { z } from 'zod';

/** What is wrong with a form field, in the shopper's language. `field` is the id of its input. */
export type FieldError = { field: string; message: string };

/** The fields of a form. @throws AppError 400 for a form that no page of the shop could have sent */
export function readForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw invalidForm();
  return parsed.data;
}

/** The error for a form that no page of the shop could have sent. */
export function invalidForm(): AppError {
  return new AppError('invalid-form');
}
