import { createHash } from 'node:crypto';
import { z } from 'zod';
import { lineOfText, text } from './text.js';

/** The largest length of a shopper id, in UTF-16 code units. */
export const shopperIdLengthMax = 128;

/**
 * A shopper id: any single line of text, compared exactly. The sign-in form applies `visibleLine` first; an id from an OpenID
 * issuer stays as it is. URLs, keys and labels use `shopperKey` instead.
 */
export const shopperIdSchema = lineOfText(shopperIdLengthMax);

export const shopperSchema = z.object({ id: shopperIdSchema, name: text(100) });

export type Shopper = z.infer<typeof shopperSchema>;

/** The format of `shopperKey`. */
export const shopperKeyPattern = /^~[\w-]{43}$/;

/**
 * The hash of a shopper id for state keys, partition keys and URLs between sidecars; Dapr copies URLs into its traces (see
 * Dapr's pkg/diagnostics/http_tracing.go). It has a fixed length, needs no escaping anywhere and does not reveal the id.
 */
export function shopperKey(shopperId: string): string {
  return `~${createHash('sha256').update(shopperId, 'utf8').digest('base64url')}`;
}
