import type { z } from 'zod';
import { DamagedLogError } from './segment.js';

/**
 * Makes a function that takes a value by its key out of what the store gave; undefined where there is none. It throws
 * DamagedLogError for one that is something else.
 */
export function storedValue<Value>(schema: z.ZodType<Value>) {
  return (values: ReadonlyMap<string, string>, key: string): Value | undefined => {
    const text = values.get(key);
    if (text === undefined) return undefined;
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new DamagedLogError(`${key} is not what it should be`, { cause });
    }
  };
}
