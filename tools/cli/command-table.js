/**
 * The one table of commands. The bootstrap, the help texts, what gets obtained before a command, and the scripts of
 * package.json derive from it. Plain JavaScript without dependencies: the bootstrap reads it before anything is installed.
 */

/**
 * What a command may need besides Node, and what the machine must offer so that the project can obtain it.
 * requirements.ts obtains them.
 */
export const requirements = {
  runtime: 'Dapr and the embedded broker: Go 1.26, or access to GitHub',
  'dapr-cli': 'the Dapr CLI: Go 1.26, or access to GitHub',
  servers: 'every broker and database: Debian, Go 1.26, Java 17 and Maven',
  'chosen-servers': 'the chosen broker and store: see docs/developers/running.md',
  chromium: 'Chromium: on Debian, as root, it gets installed',
  kubectl: 'kubectl: Go 1.26',
  'kubernetes-programs': 'etcd, the API server, controllers, Helm and the checkers of manifests: Go 1.26',
  'cluster-programs': 'etcd, the API server, controllers, kwok and KEDA: Go 1.26',
  'node-programs':
    'all of Kubernetes, containerd, and what runs in the cluster of that test: Debian as root, Go 1.26',
  prometheus: 'Prometheus: Debian',
  shellcheck: 'ShellCheck: Debian',
  'main-broker': 'the broker of the main pair: Java 17 and Maven',
  'main-servers': 'the servers of the main pair: Debian, Go 1.26, Java 17 and Maven',
  postgresql: 'PostgreSQL: Debian',
  registry: 'an image registry and crane: Go 1.26',
  schemathesis: 'Schemathesis: Python 3.10 or newer',
  'workflow-linters': 'actionlint and zizmor: Go 1.26 and Python 3',
  vale: 'vale: Go 1.26 and a C compiler',
  podman: 'podman',
};

/** @typedef {keyof typeof requirements} Requirement */

/**
 * One option, in the form that `parseArgs` of node:util takes, with what the help text says about it.
 *
 * @typedef {object} Option
 * @property {'string' | 'boolean'} type
 * @property {string} description
 * @property {string} [value] The name of its value.
 * @property {boolean} [multiple]
 * @property {string} [default]
 * @property {string} [choicesIn] The folder whose subfolders are the possible values.
 */

/**
 * @typedef {object} Command
 * @property {string} description One line.
 * @property {readonly (readonly [usage: string, meaning: string])[]} [actions] What may follow the command.
 * @property {string} [positionals] The names of its arguments, if it takes any.
 * @property {Readonly<Record<string, Option>>} [options]
 * @property {string} [passesArgumentsTo] The program that gets every argument unchanged.
 * @property {readonly string[]} [notes] Lines at the end of the help text.
 * @property {'running' | 'all'} [dependencies] The npm packages that it needs: those for running the shop, or by default all.
 * @property {readonly Requirement[]} [requires]
 * @property {readonly (readonly [file: string, ...args: string[]])[]} runs Node runs these files one after the other, until one
 *   fails. The arguments of the command go to its only file.
 */

const broker = /** @type {const} */ ({
  type: 'string',
  value: 'NAME',
  choicesIn: 'components/brokers',
  description: 'the broker; without it the embedded one',
});

const store = /** @type {const} */ ({
  type: 'string',
  value: 'NAME',
  choicesIn: 'components/stores',
  description: 'the store; without it the embedded one',
});

const url = /** @type {const} */ ({
  type: 'string',
  value: 'URL',
  default: 'http://127.0.0.1:8000',
  description: 'the purchase-service to call',
});

const operatorToken = /** @type {const} */ ([
  'The environment variable OPERATOR_TOKEN holds the token of the purchase-service. For the default URL,',
  'the command otherwise uses the token that npm start printed. The audit log names OPERATOR_NAME, or else',
  'the user of the operating system.',
]);

const tsc = 'node_modules/typescript/bin/tsc';
const eslint = 'node_modules/eslint/bin/eslint.js';
const prettier = 'node_modules/prettier/bin/prettier.cjs';

export const commands = /** @satisfies {Readonly<Record<string, Command>>} */ (
  /** @type {const} */ ({
    start: {
      description: 'Start the whole system on this machine',
      options: { broker, store },
      notes: [
        'A server that already answers at the address in the component file is used. Otherwise one is',
        'started, with its data in .data. Environment variables in the component files name other addresses.',
      ],
      dependencies: 'running',
      requires: ['runtime', 'chosen-servers'],
      runs: [['tools/cli/commands/start.ts']],
    },
    dev: {
      description: 'Start the embedded broker and store, and restart a service when its code changes',
      requires: ['runtime'],
      dependencies: 'running',
      runs: [['tools/cli/commands/dev.ts']],
    },
    test: {
      description: 'Run the unit tests, then the end-to-end tests',
      passesArgumentsTo: 'Jest',
      requires: ['runtime', 'dapr-cli', 'servers', 'kubectl', 'chromium'],
      runs: [['tools/cli/commands/test.ts', 'unit+e2e']],
    },
    'test:unit': {
      description: 'Run the unit tests',
      passesArgumentsTo: 'Jest',
      runs: [['tools/cli/commands/test.ts', 'unit']],
    },
    'test:e2e': {
      description: 'Run the end-to-end tests: whole systems and a browser',
      passesArgumentsTo: 'Jest',
      requires: ['runtime', 'dapr-cli', 'servers', 'kubectl', 'chromium'],
      runs: [['tools/cli/commands/test.ts', 'e2e']],
    },
    'test:matrix': {
      description: 'Try every promise on every broker and store',
      positionals: 'PAIR...',
      options: {
        check: {
          type: 'boolean',
          description: 'compare with docs/portability.md; the default for some pairs',
        },
        update: { type: 'boolean', description: 'replace the lines of these pairs in docs/portability.md' },
        long: {
          type: 'boolean',
          description:
            'also send malformed events, and stop the broker for minutes; five minutes for each pair',
        },
      },
      notes: ['A PAIR is BROKER+STORE. Without one, all pairs run and docs/portability.md is written.'],
      requires: ['runtime', 'chosen-servers'],
      runs: [['tools/cli/commands/test-matrix.ts']],
    },
    'test:chaos': {
      description: 'Buy while processes are killed, and compare what was sold with what was recorded',
      options: {
        minutes: { type: 'string', value: 'N', default: '1', description: 'how long' },
        seed: {
          type: 'string',
          value: 'N',
          description: 'repeats the disturbances of a run; random by default',
        },
        broker,
        store,
      },
      requires: ['runtime', 'chosen-servers'],
      runs: [['tests/chaos/main.ts']],
    },
    'test:soak': {
      description: 'Send hostile requests for a long time, and check that memory stays flat',
      options: {
        minutes: { type: 'string', value: 'N', default: '60', description: 'how long' },
        seed: { type: 'string', value: 'N', description: 'repeats the requests of a run; random by default' },
      },
      requires: ['runtime'],
      runs: [['tests/soak/main.ts']],
    },
    'test:simulation': {
      description: 'Simulate the recorders with faults of all kinds, and check every promise',
      options: {
        schedules: { type: 'string', value: 'N', description: 'how many schedules (20000 by default)' },
        minutes: { type: 'string', value: 'N', description: 'how long instead' },
        seed: {
          type: 'string',
          value: 'N',
          description: 'the first schedule; the others follow it; random by default',
        },
        all: { type: 'boolean', description: 'find one schedule for every broken promise' },
      },
      runs: [['tests/simulation/main.ts']],
    },
    'test:k8s': {
      description: 'Test the Kubernetes manifests without a cluster',
      passesArgumentsTo: 'Jest',
      requires: ['kubectl', 'kubernetes-programs', 'prometheus', 'shellcheck'],
      runs: [['tools/cli/commands/test-k8s.ts']],
    },
    'test:autoscaling': {
      description: 'Watch KEDA scale the services on simulated nodes',
      options: {
        quick: {
          type: 'boolean',
          description: 'shorter windows, which prove less; writes to .data/autoscaling',
        },
      },
      requires: ['kubectl', 'cluster-programs', 'prometheus', 'main-broker'],
      runs: [['tests/autoscaling/main.ts']],
    },
    'test:start': {
      description: 'Start the shop as npm start does, buy something, and stop it',
      runs: [['tests/start/main.ts']],
    },
    'test:cluster': {
      description: 'Run the shop on two real nodes, and check what it promises there',
      options: {
        quick: {
          type: 'boolean',
          description: 'only the installation, a purchase and a release; writes no page',
        },
      },
      requires: ['kubectl', 'node-programs', 'registry', 'podman', 'runtime', 'servers', 'chromium'],
      runs: [['tests/cluster/main.ts']],
    },
    'test:release': {
      description: 'Rehearse releases with a local git server and image registry',
      passesArgumentsTo: 'Jest',
      requires: ['kubectl', 'registry'],
      runs: [['tools/cli/commands/test-release.ts']],
    },
    'test:images': {
      description: 'Build both images twice, run them with their sidecars and place an order',
      options: { write: { type: 'boolean', description: 'write the sizes and digests to docs/images.md' } },
      passesArgumentsTo: 'Jest',
      requires: ['podman', 'runtime'],
      runs: [['tools/cli/commands/test-images.ts']],
    },
    'test:api': {
      description: 'Test both APIs against their OpenAPI documents',
      options: {
        seed: { type: 'string', value: 'N', default: '1', description: 'chooses the requests' },
        examples: { type: 'string', value: 'N', default: '30', description: 'requests for each operation' },
      },
      requires: ['runtime', 'schemathesis'],
      runs: [['tests/e2e/test-api.ts']],
    },
    infra: {
      description: 'Start, stop or list brokers and databases in the background',
      actions: [
        ['up NAME...', 'start servers on their usual ports'],
        ['down [NAME...]', 'stop them, or all; their data stays in .data'],
        ['status [NAME...]', 'show which are running'],
      ],
      positionals: 'ACTION [NAME...]',
      requires: ['chosen-servers'],
      dependencies: 'running',
      runs: [['tools/cli/commands/infra.ts']],
    },
    provision: {
      description: 'Create the topics, streams or queues of a broker',
      options: { broker: { ...broker, description: 'the broker' } },
      dependencies: 'running',
      runs: [['tools/cli/commands/provision.ts']],
    },
    'dead-letters': {
      description: 'List dead letters, replay them or discard them',
      actions: [
        ['list', 'list them, newest first'],
        ['show ID', 'show one with its event and its problems'],
        ['replay ID...', 'publish their events again; replaying twice is harmless'],
        ['replay --all', 'replay everything that can be replayed, oldest first'],
        ['discard ID... --because TEXT', 'mark them as needing no action, for this reason'],
      ],
      positionals: 'ACTION [ID...]',
      options: {
        list: {
          type: 'string',
          value: 'LIST',
          description: 'list only these: waiting, replayed, discarded or recorded (since)',
        },
        reason: {
          type: 'string',
          value: 'REASON',
          description: 'list or replay only these: not-recorded, invalid, unreadable or contradicts-record',
        },
        from: {
          type: 'string',
          value: 'TIME',
          description: 'list or replay what arrived from then on, such as 2026-11-25T10:00:00Z',
        },
        before: { type: 'string', value: 'TIME', description: 'list or replay what arrived before then' },
        limit: { type: 'string', value: 'N', description: 'how many to list (20 by default)' },
        cursor: { type: 'string', value: 'CURSOR', description: 'where a list, or replaying all, continues' },
        all: { type: 'boolean', description: 'replay all that wait and can be replayed' },
        because: { type: 'string', value: 'TEXT', description: 'why they are discarded, in one line' },
        url,
      },
      notes: operatorToken,
      dependencies: 'running',
      runs: [['tools/cli/commands/dead-letters.ts']],
    },
    shoppers: {
      description: "Export or erase one shopper's data",
      actions: [
        ['export SHOPPER --file FILE', 'write the data to a new file, one JSON value per line'],
        ['erase SHOPPER --export FILE', 'export the data, then erase it; this cannot be undone'],
        ['erase SHOPPER --no-export', 'erase the data without an export'],
      ],
      positionals: 'ACTION SHOPPER',
      options: {
        file: { type: 'string', value: 'FILE', description: 'where to export to' },
        export: { type: 'string', value: 'FILE', description: 'where to export to before erasing' },
        'no-export': { type: 'boolean', description: 'erase without an export' },
        'again-after': {
          type: 'string',
          value: 'SECONDS',
          default: '35',
          description: 'when to erase again what replicas were recording meanwhile',
        },
        url,
      },
      notes: ['SHOPPER is a shopper id or a shopper key.', ...operatorToken],
      dependencies: 'running',
      runs: [['tools/cli/commands/shoppers.ts']],
    },
    rebuild: {
      description: 'Compare histories, journal and topic, and repair differences',
      actions: [
        ['history', 'find purchases that the histories lack; repair records them from the topic'],
        ['journal', 'find what the journal lacks or has too much; repair uses the histories'],
      ],
      positionals: 'ACTION',
      options: {
        repair: { type: 'boolean', description: 'repair what can be repaired; otherwise nothing is changed' },
        broker: { ...broker, description: 'the broker whose topic is compared, too; otherwise none is' },
        'broker-address': {
          type: 'string',
          value: 'ADDRESS',
          description: "the broker's address, instead of the one in the component file",
        },
        shopper: {
          type: 'string',
          value: 'SHOPPER',
          multiple: true,
          description: 'also compare this shopper, by id or key; repeatable',
        },
        'replace-unreadable': {
          type: 'boolean',
          description: 'repair also replaces segments that cannot be read; their content is lost',
        },
        'remove-unknown': {
          type: 'boolean',
          description: 'repair also removes journal entries whose purchase no history has',
        },
        url,
      },
      notes: [
        'Without --repair, it ends with 1 if there are differences; with it, if some are left.',
        ...operatorToken,
      ],
      runs: [['tools/cli/commands/rebuild.ts']],
    },
    cluster: {
      description: 'Create a cluster of your own with everything in it, and buy something there',
      options: {
        broker: { ...broker, description: 'the broker; without it that of production' },
        store: { ...store, description: 'the store; without it that of production' },
        context: {
          type: 'string',
          value: 'NAME',
          description: 'the context in the kubeconfig; by default the current one',
        },
        kind: { type: 'boolean', description: 'in a cluster that kind creates' },
        registry: {
          type: 'string',
          value: 'HOST/PATH',
          description: 'pushes the images there; by default a local cluster is given them',
        },
        once: { type: 'boolean', description: 'ends after the first purchase, and forwards no ports' },
        down: { type: 'boolean', description: 'removes everything again, with all data' },
      },
      notes: [
        'It needs kubectl, helm, openssl and Docker (or podman, as root on Linux). Running it again changes only what',
        'differs. The current context is used if it is that of kind, k3d, minikube or Docker Desktop. Any other must be',
        'named, because it could be production.',
      ],
      runs: [['tools/cli/commands/cluster.ts']],
    },
    setup: {
      description: 'Obtain the runtime and create the local secrets, without starting anything',
      positionals: '[COMMAND...]',
      notes: ['With the names of commands, such as test:k8s, it also obtains what they require.'],
      requires: ['runtime'],
      runs: [['tools/cli/commands/setup.ts']],
    },
    screenshots: {
      description: 'Take pictures of every page, into .data/screenshots',
      positionals: '[PAGE...]',
      options: {
        docs: {
          type: 'boolean',
          description: 'takes only those that docs/screenshots shows, and writes that page',
        },
      },
      notes: ['With the beginnings of names, such as history, it takes only these pages.'],
      requires: ['runtime', 'chromium'],
      runs: [['tests/pages/take-screenshots.ts']],
    },
    'contracts:freeze': {
      description: "Save this version's wire formats, so that later versions are compared with them",
      runs: [['packages/contracts/src/compatibility/freeze-release.ts']],
    },
    'docs:broker-diff': {
      description: 'Write the page that compares the manifests of two brokers',
      requires: ['kubectl'],
      runs: [['tests/kubernetes/rendering/write-broker-diff.ts']],
    },
    bench: {
      description: 'Compare the system with plain clients, and write docs/performance.md',
      options: {
        quick: { type: 'boolean', description: 'proves only that the benchmark works; writes no page' },
        profile: {
          type: 'boolean',
          description: 'writes CPU profiles of both services to .data/profiles, instead of the page',
        },
        large: {
          type: 'boolean',
          description:
            'fills PostgreSQL and SQLite with a million purchases, and writes docs/large-stores.md',
        },
        replicas: {
          type: 'boolean',
          description: 'lets several purchase-services record together, and writes docs/several-replicas.md',
        },
        rounds: { type: 'string', value: 'N', description: 'rounds per measurement (3)' },
        seconds: { type: 'string', value: 'N', description: 'seconds of buying per measurement (8)' },
        backlog: { type: 'string', value: 'N', description: 'events waiting when a recorder starts (30000)' },
      },
      requires: ['runtime', 'main-servers', 'postgresql'],
      runs: [['tests/bench/main.ts']],
    },
    'bench:pages': {
      description: 'Measure in a browser what pages weigh and when they are painted',
      options: { rounds: { type: 'string', value: 'N', default: '5', description: 'visits of each page' } },
      requires: ['runtime', 'chromium'],
      runs: [['tests/bench/browser/main.ts']],
    },
    'docs:api': {
      description: 'Write the OpenAPI and AsyncAPI documents',
      runs: [['tools/site/src/write-api-documents.ts']],
    },
    'build:site': {
      description: "Build the documentation's site",
      requires: ['kubectl'],
      runs: [['tools/site/src/build-site.ts']],
    },
    build: { description: 'Compile every workspace', passesArgumentsTo: 'tsc', runs: [[tsc, '-b']] },
    'build:images': {
      description: 'Build the images of both services as archives',
      options: {
        service: {
          type: 'string',
          value: 'NAME',
          multiple: true,
          description: 'only this service; repeatable',
        },
        platform: {
          type: 'string',
          value: 'PLATFORM',
          description: "linux/amd64 or linux/arm64; this machine's by default",
        },
        folder: { type: 'string', value: 'FOLDER', description: 'where to (.data/images)' },
        'stand-ins': { type: 'boolean', description: 'replace base images that cannot be downloaded' },
      },
      runs: [['tools/cli/commands/build-images.ts']],
    },
    check: {
      description: 'Check types, lint, format and prose',
      runs: [
        [tsc, '-b'],
        [eslint, '.', '--max-warnings', '0'],
        [prettier, '--check', '.'],
        ['tools/cli/commands/check-prose.ts'],
      ],
    },
    'check:types': { description: 'Check types', passesArgumentsTo: 'tsc', runs: [[tsc, '-b']] },
    'check:lint': {
      description: 'Check with ESLint',
      passesArgumentsTo: 'ESLint',
      runs: [[eslint, '.', '--max-warnings', '0']],
    },
    'check:format': {
      description: 'Check with Prettier',
      passesArgumentsTo: 'Prettier',
      runs: [[prettier, '--check', '.']],
    },
    'check:prose': {
      description: 'Check the prose of pages, texts and comments with vale',
      positionals: '[PATH...]',
      requires: ['vale'],
      runs: [['tools/cli/commands/check-prose.ts']],
    },
    'check:workflows': {
      description: 'Check the GitHub workflows with actionlint and zizmor',
      requires: ['workflow-linters'],
      runs: [['tools/cli/commands/check-workflows.ts']],
    },
    release: {
      description: 'Run one step of a release',
      passesArgumentsTo: 'the step',
      runs: [['tools/cli/commands/release.ts']],
    },
    fix: {
      description: 'Fix what ESLint and Prettier can fix',
      runs: [
        [eslint, '.', '--fix'],
        [prettier, '--write', '.'],
      ],
    },
    help: { description: 'List all commands', runs: [] },
  })
);

/** The scripts of package.json. */
export function packageScripts() {
  return Object.fromEntries(
    Object.keys(commands).map((name) => [name, `node tools/cli/bootstrap.js ${name}`]),
  );
}
