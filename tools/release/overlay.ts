import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import { isReleaseVersion } from './release-version.js';

/** The file that says which images run in the cluster. */
export const overlayFolder = 'k8s/overlays/prod';
export const overlayFile = `${overlayFolder}/kustomization.yaml`;

/** The images of a release, as kustomize calls them. They are always released together. */
export const imageNames = ['storefront', 'purchase-service'] as const;
export type ImageName = (typeof imageNames)[number];

export type Digests = Readonly<Record<ImageName, string>>;

/** Exactly what a digest looks like: it ends in a file that a cluster follows. */
export const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** An image as the overlay names it; before the first release it has no digest. */
export type DeployedImage = { repository: string; version: string; digest: string | undefined };
export type Deployed = Readonly<Record<ImageName, DeployedImage>>;

/** `repository:version@digest`: the digest counts, the version is for people. */
export function referenceOf({ repository, version, digest }: DeployedImage): string {
  return `${repository}:${version}${digest === undefined ? '' : `@${digest}`}`;
}

/** What the overlay deploys. Throws, saying what is wrong, for one that does not have each image exactly once. */
export function readOverlay(text: string): Deployed {
  const entries = entriesIn(text);
  const image = (name: ImageName): DeployedImage => {
    const repository = textOf(entries[name], 'newName')?.value;
    const version = textOf(entries[name], 'newTag')?.value;
    if (repository === undefined || version === undefined || !isReleaseVersion(version))
      throw new Error(
        `${overlayFile}: the image ${name} needs a newName, and a newTag that is a released version (1.2.0). Correct it by hand.`,
      );
    return { repository, version, digest: textOf(entries[name], 'digest')?.value };
  };
  return { storefront: image('storefront'), 'purchase-service': image('purchase-service') };
}

/**
 * The overlay's text with another version and other digests of the two images. Everything else stays as it is, byte by
 * byte: the library tells where the values stand, and nothing is written anew. Throws where that cannot be.
 */
export function withRelease(text: string, version: string, digests: Digests): string {
  const entries = entriesIn(text);
  const edits = imageNames.flatMap((name): Edit[] => {
    const tag = textOf(entries[name], 'newTag');
    if (tag === undefined) throw new Error(`${overlayFile}: the image ${name} has no newTag.`);
    const newTag = { range: rangeOf(tag), value: version };
    const digest = textOf(entries[name], 'digest');
    if (digest !== undefined) return [newTag, { range: rangeOf(digest), value: digests[name] }];
    return [newTag, digestBelow(text, entries[name], digests[name])];
  });
  // From the end, so that the places before stay where they are.
  const changed = edits
    .sort((one, other) => other.range[0] - one.range[0])
    .reduce((rest, { range: [start, end], value }) => rest.slice(0, start) + value + rest.slice(end), text);
  requireOnlyThese(text, changed, version, digests);
  return changed;
}

/** A part of a text, and what takes its place. */
type Edit = { range: readonly [start: number, end: number]; value: string };

/** A line for the digest behind that of the tag, with whatever comment is there, and as far from the margin. */
function digestBelow(text: string, entry: YAMLMap, digest: string): Edit {
  const pair = entry.items.find(({ key }) => isScalar(key) && key.value === 'newTag');
  const [start] = isScalar(pair?.key) ? rangeOf(pair.key) : [0];
  const column = start - (text.lastIndexOf('\n', start) + 1);
  const lineEnd = text.indexOf('\n', start);
  const end = lineEnd === -1 ? text.length : lineEnd;
  return { range: [end, end], value: `\n${' '.repeat(column)}digest: ${digest}` };
}

/** Asks the parser, which knows nothing of what was just done, whether the result says what it should and nothing else. */
function requireOnlyThese(before: string, after: string, version: string, digests: Digests): void {
  const expected = parseDocument(before);
  const entries = entriesOf(expected);
  for (const name of imageNames) {
    const entry = entries[name];
    entry.set('newTag', version);
    entry.set('digest', digests[name]);
  }
  if (!isDeepStrictEqual(parseDocument(after).toJS(), expected.toJS()))
    throw new Error(`${overlayFile} is written in a way that the release cannot edit. Edit it by hand.`);
}

function entriesIn(text: string): Record<ImageName, YAMLMap> {
  return entriesOf(parseDocument(text));
}

function entriesOf(document: ReturnType<typeof parseDocument>): Record<ImageName, YAMLMap> {
  if (document.errors[0] !== undefined)
    throw new Error(`${overlayFile} is not YAML: ${document.errors[0].message}`);
  const images: unknown = document.get('images');
  const entries = isSeq(images) ? images.items.filter((item) => isMap(item)) : [];
  const entry = (name: ImageName): YAMLMap => {
    const named = entries.filter((one) => textOf(one, 'name')?.value === name);
    const [only] = named;
    if (only === undefined || named.length > 1)
      throw new Error(
        `${overlayFile} must have one entry for the image ${name} below "images:", and has ${named.length}.`,
      );
    return only;
  };
  return { storefront: entry('storefront'), 'purchase-service': entry('purchase-service') };
}

/** A field that is a text. */
function textOf(entry: YAMLMap, field: string): Scalar<string> | undefined {
  const value = entry.get(field, true);
  return isScalar<string>(value) && typeof value.value === 'string' ? value : undefined;
}

function rangeOf({ range }: Scalar): readonly [start: number, end: number] {
  if (range == null) throw new Error('a value that was read has no place');
  return [range[0], range[1]];
}
