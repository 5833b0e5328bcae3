import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../programs/run-program.js';

/** The services that have an image. */
export const imageServices = ['storefront', 'purchase-service'] as const;

export type ImageService = (typeof imageServices)[number];

/** The repository that the image of a service is published in. */
export function imageName(service: ImageService): string {
  return `ghcr.io/unity-purchase/${service}`;
}

/** The origin of an image. It depends on the commit only, so that two builds of a commit are identical. */
export type ImageOrigin = {
  version: string;
  /** The commit, followed by `-changed` if the checkout has uncommitted changes. */
  revision: string;
  /** The time of the commit, in seconds since 1970, and of everything in the image. */
  committedAt: number;
};

/** Reads the origin of the checkout in `root`. Rejects without git or a commit. */
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

/** Formats a time for the labels of an image: `2023-11-14T22:13:20Z` */
export function asLabelTime(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}
