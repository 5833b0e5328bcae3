import { createHash } from 'node:crypto';
import { z } from 'zod';
import { lineOfText, text } from './text.js';

/** Who buys: any line of text may be an id. It is never used raw in a URL, a key or a label: see `shopperKey`. */
export const shopperIdSchema = lineOfText(128);

export const shopperSchema = z.object({ id: shopperIdSchema, name: text(100) });

export type Shopper = z.infer<typeof shopperSchema>;

/** What `shopperKey` makes. */
export const shopperKeyPattern = /^~[\w-]{43}$/;

/**
 * The shopper in every place that others can read or that has a syntax of its own: URLs between sidecars (which Dapr
 * copies into its traces, see dapr's pkg/diagnostics/http_tracing.go), state keys and partition keys.
 * It has one length, no character that means anything anywhere, and does not tell the id.
 */
export function shopperKey(shopperId: string): string {
  return `~${createHash('sha256').update(shopperId, 'utf8').digest('base64url')}`;
}
