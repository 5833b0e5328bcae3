import { AppError } from '@unity-purchase/service-kit';
import type { z } from 'zod';

/** The fields of a form. @throws AppError 400 for a form that is not ours: what no page of the shop could have sent */
export function readForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const sent = schema.safeParse(body);
  if (!sent.success) throw notOurForm();
  return sent.data;
}

/** What is said of a form that no page of the shop could have sent. */
export function notOurForm(): AppError {
  return new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
}
