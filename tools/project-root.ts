import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The root of the repository, absolute and without a trailing slash. It is the nearest folder above with a dapr.yaml file.
 * A fixed number of levels would be wrong in a bundle, such as the one that VitePress makes of its configuration.
 */
export const projectRoot = nearestAbove(dirname(fileURLToPath(import.meta.url)), 'dapr.yaml');

function nearestAbove(folder: string, file: string): string {
  if (existsSync(join(folder, file))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error(`No folder above ${fileURLToPath(import.meta.url)} contains ${file}.`);
  return nearestAbove(parent, file);
}
