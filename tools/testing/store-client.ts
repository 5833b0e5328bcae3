/** Reads a store directly, without Dapr, to see what the purchase-service wrote. */
export type StoreClient = {
  /** Returns every value by its key, as the service wrote both, without what Dapr adds to them. */
  values: () => Promise<Map<string, string>>;
};

/** Removes the app id that Dapr puts in front of a key. */
export function plainKey(key: string): string {
  return key.slice(key.indexOf('||') + 2);
}

/** Returns the text of a value, which some components store as a JSON string. */
export function plainText(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}
