import type { RunFile } from '../run-file/read-run-file.js';
import type { ServerPorts } from '../servers/server-definition.js';
import type { AppInstance } from './app-instance.js';
import type { AppPorts } from './daprd-arguments.js';
import type { ExtraEnv } from './instance-processes.js';
import type { MetadataOverrides } from './render-resources.js';

export type StartOptions = {
  /** The root of the repository. */
  root: string;
  /** The run file or its path; by default `<root>/dapr.yaml`. */
  runFile?: RunFile | string;
  /** A folder in components/brokers; the embedded pair's by default. */
  broker?: string;
  /** A folder in components/stores; the embedded pair's by default. */
  store?: string;
  /** The folder for all data; `<root>/.data` by default. */
  dataDir?: string;
  /** Replaces ports of the run file and the component files. A server with ports here is always started. */
  ports?: { servers?: ServerPorts; apps?: Readonly<Record<string, Partial<AppPorts>>> };
  /** By default one instance of each app in the run file. */
  apps?: readonly AppInstance[];
  env?: ExtraEnv;
  /** Whether the operator desk can pause the broker, the store and the purchase-service for a while; `false` by default. */
  offersPauses?: boolean;
  /** Component metadata to set, by the name of the component and the key. */
  metadata?: MetadataOverrides;
  /** Receives every line of output, prefixed with the name of its process. */
  log?: (line: string) => void;
  /** Whether the names have colours. */
  coloured?: boolean;
  /** By default the result of `obtainTool('daprd')`. */
  daprdPath?: string;
  /** debug, info, warn (the default) or error. */
  sidecarLogLevel?: string;
  /** How long a stopping sidecar waits for its app to finish what was delivered to it; 30 s by default. */
  sidecarGracefulShutdownSeconds?: number;
  /** How long each server, app and sidecar may take to become ready; 90 s by default. */
  readyTimeoutMs?: number;
  /** Cancels the start: every started process is stopped, and `startSystem` rejects. */
  signal?: AbortSignal;
};
