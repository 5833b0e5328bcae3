/**
 * The folders with unit tests. jest.config.js makes a project of each, and `npm run test:unit` runs all of them: they need
 * only the dependencies.
 *
 * @type {readonly { folder: string, tests?: string }[]}
 */
const folders = [
  { folder: 'packages/contracts' },
  { folder: 'packages/service-kit' },
  { folder: 'packages/numbered-log' },
  { folder: 'storefront' },
  { folder: 'purchase-service' },
  // Without the site, which is the next one, and what is built.
  { folder: 'tools', tests: '!(site|dist|node_modules)' },
  { folder: 'tools/site' },
  { folder: 'tests/bench', tests: '{direct,load,measures,pipelines,profile,replicas,report}' },
];

/** Jest's name of each project, its folder, and the folders inside it that have the tests. */
export const unitProjects = folders.map(({ folder, tests = '{src,test}' }) => ({
  name: folder.slice(folder.lastIndexOf('/') + 1),
  folder,
  tests,
}));
