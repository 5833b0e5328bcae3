import type { z } from 'zod';
import { DamagedLogError } from './log-errors.js';

/**
 * Creates a function that reads one key from the result of `getBulk`. It returns undefined if the key does not exist and
 * throws DamagedLogError if the value does not match the schema.
 */
export function storedValue<Value>(schema: z.ZodType<Value>) {
  return (values: ReadonlyMap<string, string>, key: string): Value | undefined => {
    const text = values.get(key);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new DamagedLogError(`the value of ${key} is damaged`, { cause });
    }
  };
}
