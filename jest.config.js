import { unitProjects } from './tools/cli/unit-projects.js';

/** Every workspace runs its tests from source: the export condition resolves workspaces to `src`, so nothing is built first. */
const project = (folder, more) => ({
  rootDir: folder,
  testEnvironment: `${import.meta.dirname}/jest-environment.js`,
  setupFiles: [`${import.meta.dirname}/jest.suppressed-error.js`],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.+)\\.js$': ['$1.ts', '$1.js'] },
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', '@unity-purchase/source'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
  ...more,
});

/** Tests that start processes. */
const wholeSystems = { globalSetup: `${import.meta.dirname}/tests/system/end-children-on-interrupt.js` };

/** Longer than any wait inside a test: the wait says what was missing, this would not. Jest knows one for all projects. */
const testTimeoutMs = 60_000;

/** A part of the tests: the folders under tests/ that it runs. */
const tests = (displayName, ...folders) =>
  project('tests', {
    ...wholeSystems,
    displayName,
    testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
  });

export default {
  projects: [
    ...unitProjects.map(({ name, folder, tests: inside }) =>
      project(folder, { displayName: name, testMatch: [`<rootDir>/${inside}/**/*.test.ts`] }),
    ),
    tests('e2e', 'e2e', 'documents', 'chaos', 'simulation', 'soak'),
    // Only for `npm run test:k8s`.
    tests('k8s', 'kubernetes', 'autoscaling', 'cluster'),
    // Only for `npm run test:release`.
    tests('release', 'release'),
    // Only for `npm run test:images`, which builds them first.
    tests('images', 'images'),
    // Only for `npm run test:matrix`, which says for which broker and store.
    tests('conformance', 'conformance'),
  ],
  testTimeout: testTimeoutMs,
  // By default, one processor stays unused.
  maxWorkers: '100%',
  coverageProvider: 'v8',
  collectCoverageFrom: ['**/src/**/*.ts', '!**/dist/**'],
};
