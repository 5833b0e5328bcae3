/** A store itself, past Dapr: what the purchase-service really wrote there. */
export type StoreClient = {
  /** Every value by its key, as the service wrote it; without what Dapr puts around either. */
  values: () => Promise<Map<string, string>>;
};

/** A key without the app id that Dapr puts in front. */
export function plainKey(key: string): string {
  return key.slice(key.indexOf('||') + 2);
}

/** Values are texts, which some components keep as JSON strings. */
export function plainText(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}
