import { AppError } from '@unity-purchase/service-kit';
import type { Request } from 'express';
import { z } from 'zod';

/** The largest length of a key. A quoted string may be longer because of its escapes. */
const keyLengthMax = 255;

const printable = /^[ -~]+$/;

/**
 * A string of a structured field (RFC 9651, section 3.3.3): printable ASCII in quotes, in which a backslash comes before a quote or
 * another backslash.
 */
const quotedString = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;

/** The header `Idempotency-Key` in the API document. */
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(2 * keyLengthMax + 2)
  .regex(printable);

/**
 * The key in the header `Idempotency-Key`, or undefined without one. Most clients send the key itself; the IETF's draft
 * (httpapi-idempotency-key-header) requires a quoted string. Both are the same key.
 *
 * @throws AppError 400 for any other header, and for more than one
 */
export function idempotencyKeyOf({ headersDistinct }: Pick<Request, 'headersDistinct'>): string | undefined {
  const values = headersDistinct['idempotency-key'];
  if (values === undefined) return undefined;
  const [value = '', ...others] = values;
  const key = value.startsWith('"') ? quotedString.exec(value)?.[1]?.replaceAll(/\\(.)/g, '$1') : value;
  if (others.length > 0 || key === undefined || key.length > keyLengthMax || !printable.test(key))
    throw new AppError('purchase-id-malformed');
  return key;
}
