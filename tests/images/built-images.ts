import { readFile } from 'node:fs/promises';
import { imageServices, type BuiltTwice } from '@unity-purchase/tools';

export { imageServices };

/** Reads the list of images that `npm run test:images` has built for these tests. */
export async function readBuiltImages(): Promise<BuiltTwice> {
  const file = process.env['BUILT_IMAGES'];
  if (file === undefined)
    throw new Error(
      'BUILT_IMAGES is not set. Run these tests with npm run test:images, which builds the images first.',
    );
  return JSON.parse(await readFile(file, 'utf8')) as BuiltTwice;
}
