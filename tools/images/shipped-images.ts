import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../programs/run-program.js';

/** The services that there are images of. */
export const imageServices = ['storefront', 'purchase-service'] as const;

export type ImageService = (typeof imageServices)[number];

/** Where the image of a service is published, without a tag. */
export function imageName(service: ImageService): string {
  return `ghcr.io/unity-purchase/${service}`;
}

/** What an image says of where it comes from. All of it follows from the commit: two builds of one say the same. */
export type ImageOrigin = {
  version: string;
  /** The commit; with a mark when what is built is not what was committed. */
  revision: string;
  /** When it was committed, in seconds since 1970: the time of everything in the image. */
  committedAt: number;
};

/** The origin of what is checked out in `root`. Rejects where there is no git or no commit. */
export async function originOf(root: string): Promise<ImageOrigin> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const [commit = '', seconds] = (await git(root, 'show', '--no-patch', '--format=%H %ct', 'HEAD'))
    .trim()
    .split(' ');
  const changed = await git(root, 'status', '--porcelain');
  return {
    version,
    revision: changed === '' ? commit : `${commit}-changed`,
    committedAt: Number(seconds),
  };
}

function git(root: string, ...args: string[]): Promise<string> {
  return runProgram('git', args, { cwd: root });
}

/** A time as the labels of an image have it. */
export function asLabelTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}
