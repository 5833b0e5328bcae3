import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { installationFile, readInstallation } from './installation.js';
import { imagesFile, readImages, withRelease } from './deployed-images.js';

const digests = {
  storefront: `sha256:${'a'.repeat(64)}`,
  'purchase-service': `sha256:${'b'.repeat(64)}`,
};

const kustomization = `# Above.
images:
  # First of all.
  - name: storefront   # by name
    newTag: 0.1.0 # written by the release
  - newTag: '1.36'
    name: third
    digest: sha256:cccc
  - {name: fourth, newTag: 0.1.0}

  - name: purchase-service
    digest:   "sha256:dddd"   # of the index
    newTag: "0.1.0"
patches: [ {path:   x.yaml} ]   # not as prettier would have it
`;

describe('withRelease', () => {
  test('changes the version and digest of the two images and not one other byte', () => {
    expect(withRelease(kustomization, '1.2.0', digests)).toBe(
      kustomization
        .replace(
          'newTag: 0.1.0 # written by the release',
          `newTag: 1.2.0 # written by the release\n    digest: ${digests.storefront}`,
        )
        .replace('"sha256:dddd"', digests['purchase-service'])
        .replace('"0.1.0"', '1.2.0'),
    );
  });

  test('changes nothing when it is applied twice', () => {
    const once = withRelease(kustomization, '1.2.0', digests);
    expect(withRelease(once, '1.2.0', digests)).toBe(once);
  });

  test('writes into the real kustomization what readImages reads, with the registry of the installation', async () => {
    const read = (file: string): Promise<string> => readFile(join(projectRoot, file), 'utf8');
    const installation = readInstallation(await read(installationFile));
    expect(readImages(withRelease(await read(imagesFile), '7.8.9', digests), installation)).toEqual({
      storefront: {
        repository: `${installation.registry}/storefront`,
        version: '7.8.9',
        digest: digests.storefront,
      },
      'purchase-service': {
        repository: `${installation.registry}/purchase-service`,
        version: '7.8.9',
        digest: digests['purchase-service'],
      },
    });
  });

  test.each([
    [
      'an image in braces',
      kustomization.replace(
        /- name: storefront[\s\S]*?(?= {2}- newTag)/,
        '- {name: storefront, newTag: 0.1.0}\n',
      ),
      'Edit it by hand',
    ],
    [
      'a kustomization without one of the images',
      kustomization.replace('name: storefront ', 'name: shop '),
      'has 0',
    ],
    [
      'a kustomization with two entries for an image',
      kustomization.replace('name: third', 'name: storefront'),
      'has 2',
    ],
    ['a kustomization without images', 'resources: []\n', 'has 0'],
    ['text that is not YAML', 'images: [\n', 'is not YAML'],
    [
      'an alias in place of a tag',
      kustomization.replace('"0.1.0"', '*tag').replace('0.1.0 #', '&tag 0.1.0 #'),
      '',
    ],
  ])('rejects %s', (_kustomization, text, message) => {
    expect(() => withRelease(text, '1.2.0', digests)).toThrow(message);
  });
});

test.each(['latest', '0.1', '1.0.0-rc.1'])('readImages rejects the tag %s, which is not a release', (tag) => {
  expect(() =>
    readImages(kustomization.replace('0.1.0 #', `${tag} #`), { registry: 'ghcr.io/shop' }),
  ).toThrow('a released version');
});
