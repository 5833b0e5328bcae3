import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPodman, type Podman, productionPackages, projectRoot } from '@unity-purchase/tools';
import { imageServices, readBuiltImages } from './built-images.js';
import {
  filesBelow,
  holdsSecret,
  installedPackages,
  developmentFilesAmong,
  nativeFilesAmong,
  riskyModesAmong,
  secretsAmong,
  toolsAmong,
  type ImageFile,
} from './image-content.js';

const built = await readBuiltImages();

type Inspected = {
  Config: { User: string; Entrypoint: string[]; Env: string[]; Labels: Record<string, string> };
  Created: string;
  History: { created: string; created_by: string }[];
};

describe.each(imageServices)('the image of %s', (service) => {
  const { reference, digests } = built.images[service];
  let podman: Podman;
  let root: string;
  let files: ImageFile[];
  let inspected: Inspected;

  beforeAll(async () => {
    podman = await openPodman();
    root = (await podman.run(['image', 'mount', reference])).trim();
    files = await filesBelow(root);
    [inspected] = JSON.parse(await podman.run(['image', 'inspect', reference])) as [Inspected];
  });

  afterAll(async () => {
    await podman.run(['image', 'unmount', '--force', reference]);
  });

  const own = (): ImageFile[] => files.filter(({ path }) => path.startsWith('app/'));

  test('has the same digest in two builds without a cache', () => {
    expect(digests).toHaveLength(2);
    expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(digests[1]).toBe(digests[0]);
  });

  test('gives every file that was added to the base image the time of the commit', () => {
    const { committedAt } = built.origin;
    const otherTimes = own().filter(({ modifiedAt }) => modifiedAt !== committedAt);
    expect(otherTimes.slice(0, 5)).toEqual([]);
    expect(Date.parse(inspected.Created)).toBe(committedAt * 1_000);
  });

  test('has labels for its title, version, commit and licence', () => {
    expect(inspected.Config.Labels).toMatchObject({
      'org.opencontainers.image.title': service,
      'org.opencontainers.image.version': built.origin.version,
      'org.opencontainers.image.revision': built.origin.revision,
      'org.opencontainers.image.created': new Date(built.origin.committedAt * 1_000)
        .toISOString()
        .replace('.000', ''),
      'org.opencontainers.image.source': 'https://github.com/unity-purchase/unity-purchase-system',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
  });

  test('runs Node directly, as a numeric user other than root', () => {
    expect(inspected.Config.User).toBe('65532:65532');
    expect(inspected.Config.Entrypoint).toEqual(['/usr/local/bin/node', '/app/service/dist/main.js']);
  });

  test('contains no shell and no program that downloads or installs', () => {
    expect(files.map(({ path }) => path)).toContain('usr/local/bin/node');
    expect(toolsAmong(files)).toEqual([]);
  });

  test('contains no setuid, setgid or world-writable files', () => {
    expect(riskyModesAmong(files)).toEqual([]);
  });

  test('contains exactly the packages that the service needs at run time, in the versions of the lock file', async () => {
    const lock = await readFile(join(projectRoot, 'package-lock.json'), 'utf8');
    const installed = await installedPackages(root, 'app');
    expect(sorted(installed)).toEqual(sorted(productionPackages(lock, service)));
  });

  test('contains no sources, tests or types of our own', () => {
    const ours = own().filter(({ path }) => !path.startsWith('app/node_modules/'));
    expect(ours.map(({ path }) => path)).toContain('app/service/dist/main.js');
    expect(developmentFilesAmong(ours)).toEqual([]);
  });

  test('contains no secrets in its files, environment or history', async () => {
    expect(await secretsAmong(root, own())).toEqual([]);
    expect(holdsSecret(JSON.stringify(inspected))).toBe(false);
    expect(files.filter(({ path }) => /(^|\/)\.(npmrc|env|netrc)$/.test(path))).toEqual([]);
    expect(inspected.Config.Env.map((entry) => entry.split('=')[0]).sort()).toEqual([
      'NODE_ENV',
      'PATH',
      'SSL_CERT_FILE',
    ]);
  });

  test('contains no processor-specific files except Node and the base image', () => {
    expect(nativeFilesAmong(own())).toEqual([]);
  });
});

function sorted(packages: ReadonlyMap<string, string>): string[] {
  return [...packages].map(([place, version]) => `${place} ${version}`).sort();
}
