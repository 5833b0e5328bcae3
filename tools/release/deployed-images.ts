import { isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import { editYaml, parseYaml } from '../edit-yaml.js';
import type { Git } from './git.js';
import { installationFile, readInstallation, type Installation } from './installation.js';
import { isReleaseVersion } from './release-version.js';

/** The kustomization that decides which versions run. The overlays of staging and production include it. */
export const imagesFile = 'k8s/release/kustomization.yaml';

/** The images of a release, named as in the kustomization. They are always released together. */
export const imageNames = ['storefront', 'purchase-service'] as const;
export type ImageName = (typeof imageNames)[number];

export type Digests = Readonly<Record<ImageName, string>>;

/** The exact form of a digest. It is checked strictly because digests end up in a file that clusters follow. */
export const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** An image that is deployed. It has no digest before the first release. */
export type DeployedImage = { repository: string; version: string; digest: string | undefined };
export type DeployedImages = Readonly<Record<ImageName, DeployedImage>>;

/** `repository:version@digest`. The digest decides which image runs; the version is for people. */
export function referenceOf({ repository, version, digest }: DeployedImage): string {
  return `${repository}:${version}${digest === undefined ? '' : `@${digest}`}`;
}

/** The images that a commit deploys. */
export async function imagesAt(git: Git, commit: string): Promise<DeployedImages> {
  const [images, installation] = [
    await git('show', `${commit}:${imagesFile}`),
    await git('show', `${commit}:${installationFile}`),
  ];
  return readImages(images, readInstallation(installation));
}

/** Reads the images from the kustomization's text. Throws with the reason unless it contains each image exactly once. */
export function readImages(text: string, { registry }: Pick<Installation, 'registry'>): DeployedImages {
  const entries = entriesIn(text);
  const image = (name: ImageName): DeployedImage => {
    const { map } = entries[name];
    const version = textOf(map, 'newTag');
    if (version === undefined || !isReleaseVersion(version))
      throw new Error(
        `${imagesFile}: the image ${name} needs a newTag that is a released version (1.2.0). Correct it by hand.`,
      );
    return { repository: `${registry}/${name}`, version, digest: textOf(map, 'digest') };
  };
  return { storefront: image('storefront'), 'purchase-service': image('purchase-service') };
}

/**
 * Returns the kustomization's text with another version and other digests of the two images. Everything else stays the same, byte
 * by byte. Throws if it cannot be edited like this.
 */
export function withRelease(text: string, version: string, digests: Digests): string {
  const entries = entriesIn(text);
  const edits = imageNames.flatMap((name) => {
    const { map, index } = entries[name];
    if (textOf(map, 'newTag') === undefined)
      throw new Error(`${imagesFile}: the image ${name} has no newTag. Correct it by hand.`);
    return [
      { path: ['images', index, 'newTag'], value: version },
      { path: ['images', index, 'digest'], value: digests[name] },
    ];
  });
  return editYaml(text, imagesFile, edits);
}

type ImageEntry = { map: YAMLMap; index: number };

function entriesIn(text: string): Record<ImageName, ImageEntry> {
  const images: unknown = parseYaml(text, imagesFile)[0]?.get('images');
  const entries = isSeq(images)
    ? images.items.flatMap((map, index) => (isMap(map) ? [{ map, index }] : []))
    : [];
  const entry = (name: ImageName): ImageEntry => {
    const named = entries.filter(({ map }) => textOf(map, 'name') === name);
    const [only] = named;
    if (only === undefined || named.length > 1)
      throw new Error(
        `${imagesFile} must have one entry for the image ${name} under "images:", and has ${named.length}. Correct it by hand.`,
      );
    return only;
  };
  return { storefront: entry('storefront'), 'purchase-service': entry('purchase-service') };
}

function textOf(entry: YAMLMap, field: string): string | undefined {
  const value = entry.get(field, true);
  return isScalar(value) && typeof value.value === 'string' ? value.value : undefined;
}
