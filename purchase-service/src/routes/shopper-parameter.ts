import { shopperIdSchema, shopperKey, shopperKeyPattern } from '@unity-purchase/contracts';

/** The key of a shopper who is named by the id or by the key. */
export function shopperKeyOf(text: string): string {
  return shopperKeyPattern.test(text) ? text : shopperKey(text);
}

/**
 * A shopper in a path, by id or by key. Callers whose requests pass sidecars use the key: Dapr copies paths into traces.
 */
export const shopperParameter = shopperIdSchema.transform(shopperKeyOf);
