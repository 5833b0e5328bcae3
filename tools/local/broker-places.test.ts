import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { placesToEdit, placesToLeave } from '../testing/broker-places.js';
import { brokers } from './brokers.js';

const known = { ...placesToEdit, ...placesToLeave };

/** The names of every broker and of the server behind it. */
const brokerNames = Object.entries(brokers).flatMap(([name, { server }]) => [name, server.name]);

const namesABroker = new RegExp(brokerNames.join('|'), 'i');

const isCode = (path: string) => /\.(ts|js|mjs|json|ya?ml|sh|go)$|^\.ci\/run$|(^|\/)Dockerfile$/.test(path);

const isGenerated = (path: string) => /^docs\/|(^|\/)package-lock\.json$/.test(path);

/** The folders and files of one broker, also where the broker's server is a store. */
const isFolderOfABroker = (path: string) =>
  Object.entries(brokers).some(([name, { server }]) =>
    [
      `components/brokers/${name}/`,
      `components/stores/${name}/`,
      `tools/local/brokers/${name}/`,
      `tools/local/stores/${name}/`,
      `k8s/components/broker-${name}/`,
      `k8s/components/store-${name}/`,
      `k8s/plain-servers/${server.name}/`,
      `tests/kubernetes/brokers/${name}.ts`,
    ].some((place) => path.startsWith(place)),
  );

/** The text without lines that are comments: prose may mention a broker. */
const withoutComments = (text: string) =>
  text
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*|#(?!!))/.test(line))
    .join('\n');

async function placesThatNameABroker(): Promise<string[]> {
  const tracked = execFileSync('git', ['ls-files'], { cwd: projectRoot, encoding: 'utf8' })
    .trim()
    .split('\n');
  const candidates = tracked.filter(
    (path) => isCode(path) && !isGenerated(path) && !isFolderOfABroker(path) && !isAboutThisTest(path),
  );
  const found = await Promise.all(
    candidates.map(async (path) => {
      // A file that was deleted, but not yet committed, names nothing.
      const text = await readFile(join(projectRoot, path), 'utf8').catch(() => '');
      return namesABroker.test(withoutComments(text)) ? [path] : [];
    }),
  );
  return found.flat();
}

const isAboutThisTest = (path: string) => path === 'tools/testing/broker-places.ts';

const entryOf = (path: string) =>
  Object.keys(known).find((place) => path === place || (place.endsWith('/') && path.startsWith(place)));

describe('the places that name a specific broker', () => {
  test('outside of its folders are all listed with a reason in tools/testing/broker-places.ts', async () => {
    const unlisted = (await placesThatNameABroker()).filter((path) => entryOf(path) === undefined);
    expect(unlisted).toEqual([]);
  });

  test('are listed only while they name one', async () => {
    const named = new Set((await placesThatNameABroker()).map(entryOf));
    expect(Object.keys(known).filter((place) => !named.has(place))).toEqual([]);
  });

  test('and must be edited for another broker are all explained in docs/developers/adding-a-broker.md', async () => {
    const page = await readFile(join(projectRoot, 'docs/developers/adding-a-broker.md'), 'utf8');
    const linked = [...page.matchAll(/\]\(\.\.\/\.\.\/([^)#]+)\)/g)].map(([, path]) => path);
    expect(linked).toEqual(expect.arrayContaining(Object.keys(placesToEdit)));
  });
});
