export { findChromium } from './chromium.js';
export { exitCodes } from './commands/exit-codes.js';
export { exitingOnInterrupts, runInterruptibly } from './commands/interrupts.js';
export { obtainFor } from './commands/obtain-for.js';
export { runInForeground } from './commands/run-in-foreground.js';
export { errorText } from './error-text.js';
export type { BuiltTwice, TwiceBuilt } from './images/build-twice.js';
export type { Container, ContainerProcess } from './images/container.js';
export { startContainerPair, type ContainerPair, type Pod } from './images/container-pair.js';
export { openPodman, type Podman } from './images/podman.js';
export { productionPackages } from './images/production-packages.js';
export { imageServices, type ImageService } from './images/shipped-images.js';
export { openedParts, type OpenedParts } from './opened-parts.js';
export { ensureSessions, mqttSessions } from './provisioning/mqtt-sessions.js';
export { queueOf } from './provisioning/rabbitmq-queues.js';
export { ensureTopics, topicPartitions } from './provisioning/kafka-topics.js';
export { readRunFile } from './run-file/read-run-file.js';
export type { AppInstance } from './runner/app-instance.js';
export { choicesOf, embedded, folderOf } from './runner/choose-resources.js';
export { readResourceFolder } from './runner/resource-documents.js';
export { matrixPairs } from './matrix-pairs.js';
export type { AppPorts } from './runner/daprd-arguments.js';
export { findFreePorts } from './runner/free-ports.js';
export { isListening } from './runner/ports.js';
export { createProcessSet, type Part, type ProcessSet } from './runner/process-set.js';
export { rejectOnAbort, rejectOnFailure } from './runner/reject-on.js';
export type { RunningServer } from './runner/running-server.js';
export type { StartOptions } from './runner/start-options.js';
export {
  failureText,
  superviseProcess,
  type ProcessFailure,
  type SupervisedProcess,
} from './runner/supervised-process.js';
export { startSystem, type RunningSystem } from './runner/system.js';
export { debianProgram, packageVersion, type DebianProgram } from './runtime/debian-programs.js';
export { goModuleFolder, type GoModule } from './runtime/go-modules.js';
export { obtainGoPrograms, type GoPrograms } from './runtime/go-programs.js';
export { obtainKubernetesProgram, type KubernetesProgram } from './runtime/kubernetes-programs.js';
export {
  obtainKubectlValidate,
  obtainPodAsInjected,
  upstreamFolder,
  upstreams,
  type Upstream,
} from './runtime/manifest-checkers.js';
export { obtainTool } from './runtime/obtain.js';
export { obtainSchemathesis, type PythonProgram } from './runtime/schemathesis.js';
export { runProgram, type ProgramOptions } from './runtime/run-program.js';
export { versions } from './runtime/versions.js';
export type {
  ServerDefinition,
  ServerName,
  ServerPorts,
  ServerProcess,
} from './servers/server-definition.js';
export { servers } from './servers/servers.js';
export { waitUntil } from './wait-until.js';
