import type { ComponentDefinition } from './servers/component-definition.js';
import { mongodb } from './stores/mongodb/definition.js';
import { postgresql } from './stores/postgresql/definition.js';
import { redis } from './stores/redis/definition.js';
import { sqlite } from './stores/sqlite/definition.js';

/** Every store by the name of its folder, here and in `components/stores`. */
export const stores = { mongodb, postgresql, redis, sqlite } satisfies Record<string, ComponentDefinition>;

/** The name of a store's folder. */
export type StoreName = keyof typeof stores;

/** Returns the definition of a store. Throws for an unknown name, listing the known ones. */
export function storeNamed(name: string): ComponentDefinition {
  const found = Object.entries(stores).find(([known]) => known === name)?.[1];
  if (found !== undefined) return found;
  throw new Error(`There is no store "${name}". Choose one of: ${Object.keys(stores).join(', ')}.`);
}
