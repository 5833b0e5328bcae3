import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildShippedImages, type BuiltImage } from '../images/build-shipped-images.js';
import { imageServices, originOf } from '../images/shipped-images.js';
import { exists } from '../programs/exists.js';
import { obtainCrane } from '../programs/registry.js';
import { runProgram } from '../programs/run-program.js';
import type { ChosenImage } from './chosen-overlay.js';
import type { Programs } from './programs.js';
import { loadCommand } from './target.js';

export type ImageOptions = {
  root: string;
  /** Where built images are kept until the next commit. */
  folder: string;
  context: string;
  /** That of the nodes, if it is another one than this machine's: `linux/amd64` */
  platform?: string | undefined;
  /** `HOST/PATH` of a registry that the cluster pulls from. Without it, a local cluster is given the images. */
  registry?: string | undefined;
};

/** Builds both images, unless those of this commit are there, and gives them to the cluster. Resolves to their names. */
export async function provideImages(programs: Programs, options: ImageOptions): Promise<ChosenImage[]> {
  const { context, registry } = options;
  if (registry === undefined && loadCommand(context, '') === undefined)
    throw new Error(
      `Nothing is known about how the cluster of ${context} gets images. Name a registry that it pulls from: --registry HOST/PATH.`,
    );
  const built = await builtImages(options);
  const chosen: ChosenImage[] = [];
  for (const { service, image, version, digest, archive } of built)
    if (registry === undefined) {
      const [program, ...args] = loadCommand(context, archive) ?? [''];
      await programs.show(program, args);
      chosen.push({
        service,
        name: image.slice(0, image.lastIndexOf(':')),
        version: { newTag: version },
        digest,
      });
    } else {
      await pushArchive(archive, `${registry}/${service}:${version}`);
      chosen.push({ service, name: `${registry}/${service}`, version: { digest }, digest });
    }
  return chosen;
}

/** The images of the commit in the folder, or else new ones. A checkout with changes is always built. */
async function builtImages({ root, folder, platform }: ImageOptions): Promise<BuiltImage[]> {
  const list = join(folder, 'images.json');
  const { revision } = await originOf(root);
  if (!revision.endsWith('-changed') && (await exists(list))) {
    const kept = JSON.parse(await readFile(list, 'utf8')) as BuiltImage[];
    const isComplete = (await Promise.all(kept.map(({ archive }) => exists(archive)))).every(Boolean);
    if (isComplete && kept.every((image) => image.revision === revision)) return kept;
  }
  await mkdir(folder, { recursive: true });
  return buildShippedImages({ root, services: imageServices, platform, folder, standIns: false });
}

/** Pushes the image of an OCI archive to a registry. */
async function pushArchive(archive: string, reference: string): Promise<void> {
  const layout = `${archive}.layout`;
  await mkdir(layout, { recursive: true });
  await runProgram('tar', ['--extract', '--file', archive, '--directory', layout]);
  await runProgram(await obtainCrane(), ['push', layout, reference]);
}
