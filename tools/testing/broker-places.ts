/** Why a file or a folder names a specific broker. A folder ends with a slash. */
export type BrokerPlaces = Readonly<Record<string, string>>;

/** Edit these when you add a broker. docs/developers/adding-a-broker.md explains each. */
export const placesToEdit: BrokerPlaces = {
  'tools/local/brokers.ts': 'lists the definitions of the brokers',
  'tools/testing/test-clients.ts': 'lists the test clients of the brokers',
  'tools/package.json': 'has the drivers that provisioning and the test clients use',
  'eslint.config.js': 'lists the drivers that no service may import',
  'tools/programs/daprd-components.ts': 'lists the components that our own build of daprd contains',
  'tools/programs/versions.ts': 'pins the versions of servers that do not come from Debian',
  'tools/programs/official-release.ts': 'locates the releases of servers that are downloaded',
  'tools/programs/go-build.ts': 'builds servers from their Go modules',
  'tools/programs/obtain.ts': 'checks the version of servers that are downloaded or built',
  'compose.yaml': 'runs each server in a container',
  '.github/workflows/ci.yaml': 'runs the matrix, and the main pair in containers',
  'tests/conformance/promises.ts': 'states which promises a broker cannot keep, and why',
  'k8s/argocd/projects.yaml': 'allows the namespaces and the kinds of the brokers',
  'tests/kubernetes/brokers/cluster-brokers.ts': 'lists the brokers that run in a cluster',
  'tests/kubernetes/schemas/crds.ts': 'locates the CRDs of the brokers’ operators',
  'tools/programs/manifest-checkers.ts': 'pins the modules with the CRDs of the brokers’ operators',
  'tests/kubernetes/metadata/components.ts': 'adds metadata that Dapr reads without documenting it',
  'tests/kubernetes/policies/connections.ts': 'knows how many connections the servers allow',
};

/** These name one broker on purpose. Another broker changes nothing in them. */
export const placesToLeave: BrokerPlaces = {
  // Facts of one broker that other code uses.
  'tools/index.ts': 'exports the provisioning of Kafka, MQTT and RabbitMQ for tests',
  'tools/local/stores.ts': 'lists the stores; Redis is one',
  'tests/package.json': 'has the drivers of tests about one broker, and of the benchmark',
  'tools/site/src/api-documents/events-document.ts':
    'describes the message key with AsyncAPI’s Kafka binding',
  'tools/site/src/pages/events-page.ts': 'shows the message key from AsyncAPI’s Kafka binding',
  // The default pairs, and everything that proves or documents the system with one of them.
  'tools/local/pairs.ts': 'defines the embedded pair and the main pair',
  'dapr.yaml': 'runs the main pair with the Dapr CLI',
  '.ci/run': 'runs the matrix on two pairs',
  'tools/images/container-pair.ts': 'runs the images on the embedded pair',
  'tests/bench/': 'compares the main pair with the same work without sidecars',
  'tests/autoscaling/': 'runs the scaler of the main pair against a real Kafka',
  'tests/chaos/settings.test.ts': 'expects the embedded pair by default',
  'tests/documents/document-commands.ts': 'has the command that starts the main pair',
  'tests/documents/portability.test.ts': 'uses the main pair as an example',
  'tests/documents/site.test.ts': 'opens the page of the main pair in production',
  'tests/e2e/commands.test.ts': 'runs the commands of the README',
  'tests/e2e/dapr-cli.test.ts': 'runs the main pair with the Dapr CLI',
  'tests/e2e/servers-elsewhere.test.ts': 'runs the main pair on servers that the environment names',
  'tests/e2e/back-up.test.ts': 'restores the embedded pair, whose streams it inspects',
  // Defects of one broker’s component.
  'tools/programs/daprd-patches.ts': 'fixes defects of single components in our build of daprd',
  // Tests of one broker’s behaviour.
  'tests/e2e/jetstream-consumers.test.ts': 'provisions JetStream consumers',
  'tests/e2e/infra.test.ts': 'uses the two servers that start fastest',
  'tests/e2e/provisioning.test.ts': 'provisions Kafka topics and MQTT sessions',
  'tests/e2e/broker-settings.test.ts': 'damages the settings of each broker and provisions it again',
  // Tests with a broker’s name as an example.
  'tools/cli/bootstrap.test.ts': 'passes an option on',
  'tools/programs/cache.test.ts': 'installs a program',
  'tools/programs/daprd-build.test.ts': 'trims registration files of daprd',
  'tools/local/runner/false-acknowledgements.test.ts': 'refuses a broker whose component loses purchases',
  'tools/programs/obtain.test.ts': 'obtains a server',
  'tools/release/workflows.test.ts': 'expects the main pair in containers',
  // Production in a cluster runs on Kafka, and the tests of manifests use it as their example.
  'k8s/argocd/apps/kafka.yaml': 'installs Kafka',
  'k8s/argocd/apps/strimzi.yaml': 'installs the operator of Kafka',
  'k8s/infrastructure/kafka/': 'is the Kafka cluster',
  'k8s/infrastructure/kafka-single-node/': 'is the Kafka cluster on one node',
  'k8s/infrastructure/namespaces/namespaces.yaml': 'has the namespace of Kafka',
  'k8s/infrastructure/charts.yaml': 'pins the chart of Kafka’s operator',
  'k8s/infrastructure/argocd/': 'turns off the Redis of Argo CD’s high availability',
  'k8s/components/small-cluster/': 'reduces the copies of Kafka and NATS',
  'k8s/overlays/': 'name the broker of each environment',
  'k8s/scripts/doctor.sh': 'checks Kafka, and refuses RabbitMQ with official sidecars',
  'k8s/scripts/uninstall-infrastructure.sh': 'removes Kafka',
  'tests/kubernetes/rendering/combinations.ts': 'names the main pair',
  'tests/kubernetes/metadata/metadata.test.ts': 'breaks the metadata of some brokers',
  'tests/kubernetes/policies/messaging.ts': 'breaks the main pair',
  'tests/kubernetes/policies/scaling.ts': 'checks Kafka’s topics',
  'tests/kubernetes/argocd/argocd.test.ts': 'checks the order in which Kafka is installed',
  'tests/kubernetes/rendering/broker-diff.ts': 'writes the difference between two brokers',
  'tests/kubernetes/rendering/composition.test.ts': 'replaces the main pair',
  'tests/kubernetes/infrastructure/infrastructure.test.ts': 'checks the Kafka cluster',
  'tests/kubernetes/rules/observability.test.ts': 'checks the main pair',
  'tests/kubernetes/policies/references.ts': 'breaks a reference',
  'tests/kubernetes/rules/rules.test.ts': 'tests alerts on the main pair',
  'tests/kubernetes/schemas/schemas.test.ts': 'validates the kinds of Kafka’s operator',
  'tests/kubernetes/scripts/': 'tests the scripts that install, check and remove Kafka',
};
