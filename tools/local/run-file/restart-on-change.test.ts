import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { projectRoot } from '../../project-root.js';
import { readRunFile } from './read-run-file.js';
import { restartOnChange } from './restart-on-change.js';

test('an app restarts when its own code, its views, the catalogue or a package changes', async () => {
  const runFile = await readRunFile(join(projectRoot, 'dapr.yaml'));
  const { apps } = restartOnChange(runFile, projectRoot);
  const storefront = apps.find(({ appId }) => appId === 'storefront')?.command ?? [];
  const watched = storefront.slice(2, storefront.indexOf('--'));
  expect(watched.map((path) => path.slice(projectRoot.length + 1))).toEqual([
    'storefront/src',
    'storefront/views',
    'storefront/public',
    'storefront/catalogue.json',
    'packages/contracts/src',
    'packages/numbered-log/src',
    'packages/service-kit/src',
  ]);
  expect(storefront.at(-1)).toBe('storefront/src/main.ts');
});
