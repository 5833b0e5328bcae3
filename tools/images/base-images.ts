import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An image of somebody else that the Dockerfile begins with. */
export type BaseImage = {
  /** As the Dockerfile names it. */
  name: string;
  /** Without the tag. */
  repository: string;
  tag: string;
};

/** The images that a Dockerfile begins its stages with, each once. */
export function baseImagesIn(dockerfile: string): BaseImage[] {
  const lines = [...dockerfile.matchAll(/^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?$/gm)];
  const stages = lines.map(([, , stage]) => stage);
  const names = new Set(lines.map(([, name = '']) => name).filter((name) => !stages.includes(name)));
  return [...names].map((name) => {
    const [, repository = '', tag = ''] = /^([^@]+?)(?::([^:/@]+))?(?:@sha256:[0-9a-f]+)?$/.exec(name) ?? [];
    return { name, repository, tag };
  });
}

export async function readBaseImages(root: string): Promise<BaseImage[]> {
  return baseImagesIn(await readFile(join(root, 'Dockerfile'), 'utf8'));
}
