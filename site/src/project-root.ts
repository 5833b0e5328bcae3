import { resolve } from 'node:path';

/** The root of the checkout. */
export const projectRoot = resolve(import.meta.dirname, '../..');
