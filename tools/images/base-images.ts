import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A third-party image that a stage of the Dockerfile is based on. */
export type BaseImage = {
  /** The full name in the Dockerfile. */
  name: string;
  /** Without the tag. */
  repository: string;
  tag: string;
};

/** The third-party images that the stages of a Dockerfile are based on, each once. */
export function baseImagesIn(dockerfile: string): BaseImage[] {
  const lines = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?$/gm)];
  const stages = lines.map(([, , stage]) => stage);
  const names = new Set(lines.map(([, name = '']) => name).filter((name) => !stages.includes(name)));
  return [...names].map((name) => {
    const [, repository = '', tag = ''] = /^([^@]+?)(?::([^:/@]+))?(?:@sha256:[0-9a-f]+)?$/.exec(name) ?? [];
    return { name, repository, tag };
  });
}

/** Reads the base images of the Dockerfile in `root`. */
export async function readBaseImages(root: string): Promise<BaseImage[]> {
  return baseImagesIn(await readFile(join(root, 'Dockerfile'), 'utf8'));
}
