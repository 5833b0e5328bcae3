import { readFile } from 'node:fs/promises';
import { imageServices, type BuiltTwice } from '@unity-purchase/tools';

export { imageServices };

/** What the command has built for the tests, and says in this variable where it is listed. */
export async function readBuiltImages(): Promise<BuiltTwice> {
  const file = process.env['BUILT_IMAGES'];
  if (file === undefined)
    throw new Error('BUILT_IMAGES names no file: these tests are run by npm run test:images.');
  return JSON.parse(await readFile(file, 'utf8')) as BuiltTwice;
}
