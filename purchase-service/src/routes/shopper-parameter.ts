import { shopperIdSchema, shopperKey, shopperKeyPattern } from '@unity-purchase/contracts';

/**
 * A shopper in a path, by id or by key. Callers whose requests pass sidecars use the key: Dapr copies paths into traces.
 */
export const shopperParameter = shopperIdSchema.transform((text) =>
  shopperKeyPattern.test(text) ? text : shopperKey(text),
);
