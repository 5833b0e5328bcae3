/** Every workspace runs its tests from source: the export condition resolves workspaces to `src`, so nothing is built first. */
const project = (folder, more = {}) => ({
  displayName: folder.replace('packages/', ''),
  rootDir: folder,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{src,test}/**/*.test.ts'],
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
const wholeSystems = { globalSetup: `${import.meta.dirname}/e2e/end-children-on-interrupt.js` };

/** Longer than any wait inside a test: the wait says what was missing, this would not. Jest knows one for all projects. */
const testTimeoutMs = 60_000;

export default {
  projects: [
    ...[
      'packages/contracts',
      'packages/service-kit',
      'storefront',
      'purchase-service',
      'tools',
      'bench',
      'site',
    ].map((folder) => project(folder)),
    project('e2e', wholeSystems),
    // Only for `npm run test:k8s`.
    project('k8s/tests', { ...wholeSystems, displayName: 'k8s' }),
    // Only for `npm run test:release`.
    project('tools', {
      ...wholeSystems,
      displayName: 'release',
      testMatch: ['<rootDir>/rehearsal/**/*.test.ts'],
    }),
    // Only for `npm run test:images`, which builds them first.
    project('e2e', {
      ...wholeSystems,
      displayName: 'images',
      testMatch: ['<rootDir>/images/**/*.test.ts'],
    }),
    // Only for `npm run test:matrix`, which says for which broker and store.
    project('e2e', {
      ...wholeSystems,
      displayName: 'conformance',
      testMatch: ['<rootDir>/conformance/**/*.test.ts'],
    }),
  ],
  testTimeout: testTimeoutMs,
  coverageProvider: 'v8',
  collectCoverageFrom: ['**/src/**/*.ts', '!**/dist/**'],
};
