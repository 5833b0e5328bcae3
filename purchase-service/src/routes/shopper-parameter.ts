import { shopperIdSchema, shopperKey, shopperKeyPattern } from '@unity-purchase/contracts';

/** The shopper key for a shopper id or a shopper key. */
export function shopperKeyOf(text: string): string {
  return shopperKeyPattern.test(text) ? text : shopperKey(text);
}

/** A shopper in a path, by id or by key. Callers behind sidecars use the key, because Dapr copies paths into traces. */
export const shopperParameter = shopperIdSchema.transform(shopperKeyOf);
