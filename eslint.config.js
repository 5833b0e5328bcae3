import js from '@eslint/js';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';
import { noRecursionOverForeignJson } from './tools/lint/no-recursion-over-foreign-json.js';
import { noUnboundedCollection } from './tools/lint/no-unbounded-collection.js';

const packages = ['packages/contracts', 'packages/service-kit', 'packages/numbered-log'];
const services = ['storefront', 'purchase-service'];

/** The folders that each workspace may import from: packages import only packages, and a service imports no service. */
const mayImport = {
  'packages/contracts': [],
  'packages/service-kit': ['packages/contracts'],
  'packages/numbered-log': [],
  storefront: packages,
  'purchase-service': packages,
  tools: ['packages/contracts'],
  'tools/site': [...packages, ...services, 'tools'],
  tests: [...packages, ...services, 'tools'],
};

/** A workspace's name in imports, without the scope. */
const packageName = (folder) => folder.slice(folder.lastIndexOf('/') + 1);

/** Drivers for brokers and stores: only tools and tests use them, so that no service can bypass its sidecar. */
const drivers = [
  'kafkajs',
  '@nats-io/*',
  'amqplib',
  'mqtt',
  '@redis/client',
  'mongodb',
  'pg',
  'sql.js',
  'libsql',
];
const mayUseDrivers = ['tools', 'tests'];

/**
 * The classes that hold entries with a bound of their own, each with a test of it: caches of services and of logs, and what
 * the writer of a log remembers.
 */
const boundedClasses = ['RecentMap', 'BoundedMap', 'LogMemory'];

const forbid = (names, message) => ({ group: names, message });

const workspaceRules = Object.keys(mayImport).map((workspace) => {
  const forbidden = Object.keys(mayImport).filter(
    (other) => other !== workspace && !mayImport[workspace].includes(other),
  );
  const patterns = forbidden.map((other) =>
    forbid(
      [
        `@unity-purchase/${packageName(other)}`,
        `@unity-purchase/${packageName(other)}/*`,
        `**/../${packageName(other)}/**`,
      ],
      `${workspace} must not import ${other}.`,
    ),
  );
  if (!mayUseDrivers.includes(workspace))
    patterns.push(forbid(drivers, 'Services talk to their Dapr sidecar only.'));
  patterns.push(forbid(['@dapr/dapr'], 'Only packages/service-kit/src/dapr talks to a sidecar, over HTTP.'));
  return {
    files: [`${workspace}/**/*.ts`],
    ignores: Object.keys(mayImport)
      .filter((other) => other.startsWith(`${workspace}/`))
      .map((nested) => `${nested}/**`),
    rules: { 'no-restricted-imports': ['error', { patterns }] },
  };
});

/** Inside tools: cli → release → cluster → images → local → programs. A later folder never imports an earlier one. */
const toolsLayers = ['cli', 'release', 'cluster', 'images', 'local', 'programs'];
const toolsRules = {
  files: ['tools/**/*.ts'],
  ignores: ['tools/site/**', '**/testing/**', '**/*.test.ts', '**/test-client.ts'],
  rules: {
    'import-x/no-restricted-paths': [
      'error',
      {
        basePath: import.meta.dirname,
        zones: [
          ...toolsLayers.slice(1).map((layer, index) => ({
            target: `./tools/${layer}`,
            from: toolsLayers.slice(0, index + 1).map((earlier) => `./tools/${earlier}`),
            message: 'Inside tools: cli → release → cluster → images → local → programs.',
          })),
          ...['./tools/testing/**', './tools/local/*/*/test-client.ts'].map((from) => ({
            target: './tools',
            from,
            message: 'Only tests use the test clients and tools/testing.',
          })),
        ],
      },
    ],
  },
};

/**
 * Inside a service: main → app → routes → use case → domain. A later layer never imports an earlier one. `dependencies` builds
 * the use cases, and the app imports its type.
 */
const service = (name, nouns) => {
  const entry = ['main', 'dependencies', 'app', 'config'];
  const zones = [
    ...nouns.map((noun) => ({
      target: `./${name}/src/${noun}`,
      from: [`./${name}/src/routes`, ...entry.map((file) => `./${name}/src/${file}.ts`)],
      message: 'A use case does not know who calls it.',
    })),
    {
      target: `./${name}/src/routes`,
      from: ['main', 'dependencies', 'app'].map((file) => `./${name}/src/${file}.ts`),
      message: 'Routes get what they need as an argument.',
    },
    {
      target: `./${name}/src`,
      from: './packages/numbered-log/src/testing',
      message: 'Only tests use fakes.',
    },
    {
      target: [`./${name}/src/app.ts`, `./${name}/src/dependencies.ts`],
      from: `./${name}/src/main.ts`,
      message: 'Only main starts a service.',
    },
  ];
  return {
    files: [`${name}/src/**/*.ts`],
    ignores: ['**/*.test.ts'],
    rules: { 'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }] },
  };
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/coverage/**', '.data/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          conditionNames: ['@unity-purchase/source', 'node', 'import', 'default'],
        }),
      ],
    },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Named exports only: a name is the same wherever it is used.',
        },
        {
          selector:
            "CallExpression[callee.object.name='jest'][callee.property.name=/^(mock|unstable_mockModule|spyOn)$/]",
          message: 'Hand fakes in through the dependencies; modules are not mocked.',
        },
      ],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'storefront/src/**/*.ts', 'purchase-service/src/**/*.ts'],
    plugins: { local: { rules: { 'no-recursion-over-foreign-json': noRecursionOverForeignJson } } },
    rules: { 'local/no-recursion-over-foreign-json': 'error' },
  },
  {
    files: ['packages/*/src/**/*.ts', 'storefront/src/**/*.ts', 'purchase-service/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    plugins: { bounds: { rules: { 'no-unbounded-collection': noUnboundedCollection } } },
    rules: { 'bounds/no-unbounded-collection': ['error', { boundedClasses }] },
  },
  ...workspaceRules,
  toolsRules,
  service('storefront', [
    'basket',
    'catalogue',
    'checkout',
    'live',
    'operators',
    'purchases',
    'sessions',
    'sign-in',
    'texts',
  ]),
  service('purchase-service', ['audit', 'dead-letters', 'purchases', 'rebuild', 'shoppers']),
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  {
    // Commands that print to a terminal.
    files: [
      'tools/**/*.ts',
      'tests/bench/**/*.ts',
      'tests/chaos/main.ts',
      'tests/simulation/main.ts',
      'tests/soak/main.ts',
      'tests/e2e/test-api.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['storefront/public/**/*.js'],
    languageOptions: {
      globals: {
        clearTimeout: 'readonly',
        CustomEvent: 'readonly',
        document: 'readonly',
        DOMParser: 'readonly',
        EventSource: 'readonly',
        fetch: 'readonly',
        FormData: 'readonly',
        history: 'readonly',
        location: 'readonly',
        navigator: 'readonly',
        performance: 'readonly',
        print: 'readonly',
        scrollTo: 'readonly',
        scrollY: 'readonly',
        sessionStorage: 'readonly',
        setTimeout: 'readonly',
        URLSearchParams: 'readonly',
        window: 'readonly',
      },
    },
  },
);
