export { defaultCacheRoot, installFolder } from './programs/cache.js';
export { findChromium } from './programs/chromium.js';
export { exitCodes } from './cli/exit-codes.js';
export { exitingOnInterrupts, runInterruptibly } from './cli/interrupts.js';
export { readArguments, UsageError } from './cli/read-arguments.js';
export { obtainFor, obtainRequirements } from './cli/requirements.js';
export { runInForeground } from './programs/run-in-foreground.js';
export { errorText } from './programs/error-text.js';
export type { BuiltTwice, TwiceBuilt } from './images/build-twice.js';
export type { Container, ContainerProcess } from './images/container.js';
export { buildShippedImages, type BuiltImage } from './images/build-shipped-images.js';
export { startContainerPair, type ContainerPair, type Pod } from './images/container-pair.js';
export { openPodman, type Podman } from './images/podman.js';
export { productionPackages } from './images/production-packages.js';
export { imageServices, type ImageService } from './images/shipped-images.js';
export { createCleanup, type Cleanup } from './local/cleanup.js';
export { rabbitmqPackages } from './local/brokers/rabbitmq/server.js';
export { obtainKafka } from './local/brokers/kafka/obtain-kafka.js';
export { postgresqlPackages } from './local/stores/postgresql/server.js';
export { queueOf } from './local/brokers/rabbitmq/queues.js';
export { ensureStreams } from './local/brokers/jetstream/streams.js';
export { ensureTopics, topicPartitions } from './local/brokers/kafka/topics.js';
export { readRunFile } from './local/run-file/read-run-file.js';
export { restartOnChange } from './local/run-file/restart-on-change.js';
export { readDeployment } from './images/deployment-settings.js';
export type { AppInstance } from './local/runner/app-instance.js';
export { choicesOf, folderOf } from './local/runner/choose-resources.js';
export { readResourceFolder } from './local/runner/resource-documents.js';
export { brokerNamed, brokers } from './local/brokers.js';
export { embeddedPair, mainPair, matrixPairs } from './local/pairs.js';
export { storeNamed, stores } from './local/stores.js';
export { projectRoot } from './project-root.js';
export type { AppPorts } from './local/runner/daprd-arguments.js';
export { findFreePorts } from './local/runner/free-ports.js';
export { isListening } from './local/runner/ports.js';
export { createProcessSet, type ProcessSet, type SystemProcess } from './local/runner/process-set.js';
export type { RunningServer } from './local/runner/running-server.js';
export type { StartOptions } from './local/runner/start-options.js';
export {
  failureText,
  rejectOnFailure,
  superviseProcess,
  type ProcessFailure,
  type SupervisedProcess,
} from './local/runner/supervised-process.js';
export { startSystem, type RunningSystem } from './local/runner/system.js';
export {
  debianProgram,
  packageVersion,
  prometheusPackages,
  shellcheckPackages,
  type DebianProgram,
} from './programs/debian-programs.js';
export { goModuleFolder, type GoModule } from './programs/go-modules.js';
export { obtainGoPrograms, type GoPrograms } from './programs/go-programs.js';
export { unpackDebianPackages, type PackageSet } from './programs/debian-packages.js';
export { obtainLocalGoProgram } from './programs/local-go-programs.js';
export { obtainKubernetesProgram, type KubernetesProgram } from './programs/kubernetes-programs.js';
export {
  obtainSourceOutline,
  obtainKubectlValidate,
  obtainPodAsInjected,
  upstreamFolder,
  upstreams,
  type Upstream,
} from './programs/manifest-checkers.js';
export { builtDaprdVersion } from './programs/daprd-recipe.js';
export { daprdVersion, obtainTool } from './programs/obtain.js';
export { obtainSchemathesis, type PythonProgram } from './programs/schemathesis.js';
export { formatMegabytes } from './programs/progress.js';
export { runProgram, type ProgramOptions } from './programs/run-program.js';
export { versions } from './programs/versions.js';
export type { ServerDefinition, ServerPorts, ServerProcess } from './local/servers/server-definition.js';
export type { ComponentDefinition } from './local/servers/component-definition.js';
export type { Component } from './local/runner/resource-documents.js';
export { componentsOf } from './local/runner/local-resources.js';
export { parseQuantity } from './cluster/capacity.js';
export { buyFirstPurchase } from './cluster/first-purchase.js';
export { brokerServers, componentAtPort, storeServers } from './cluster/plain-servers.js';
export { forwardPort } from './cluster/port-forward.js';
export {
  createPersonalCluster,
  removePersonalCluster,
  type ClusterOptions as PersonalClusterOptions,
} from './cluster/personal-cluster.js';
export { programsIn, type Programs } from './cluster/programs.js';
export { provisionPlainBroker } from './cluster/provision-plain-broker.js';
export { createSecrets, secretsFolder } from './cluster/secrets.js';
export { provisionBroker } from './local/servers/provision-broker.js';
export { differencesIn } from './local/servers/setting-differences.js';
export { serverNamed, servers } from './local/servers/servers.js';
export { rejectOnAbort, waitUntil } from './local/wait-until.js';
