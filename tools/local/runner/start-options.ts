import type { RunFile } from '../run-file/read-run-file.js';
import type { ServerPorts } from '../servers/server-definition.js';
import type { AppInstance } from './app-instance.js';
import type { AppPorts } from './daprd-arguments.js';
import type { ExtraEnv } from './instance-parts.js';
import type { MetadataOverrides } from './render-resources.js';

export type StartOptions = {
  /** The root of the repository. */
  root: string;
  /** The run file or its path; by default `<root>/dapr.yaml`. */
  runFile?: RunFile | string;
  /** A folder under components/brokers; `jetstream` by default. */
  broker?: string;
  /** A folder under components/stores; `sqlite` by default. */
  store?: string;
  /** Where everything that is written goes; `<root>/.data` by default. */
  dataDir?: string;
  /** In place of those of the run file and the component files. A server with ports here is started there. */
  ports?: { servers?: ServerPorts; apps?: Readonly<Record<string, Partial<AppPorts>>> };
  /** By default every app of the run file once. */
  apps?: readonly AppInstance[];
  env?: ExtraEnv;
  /** Component metadata to set, by component name and key. */
  metadata?: MetadataOverrides;
  /** Gets every line of every process, with its name in front. */
  log?: (line: string) => void;
  /** Colours the names in front of the lines. */
  coloured?: boolean;
  /** By default what `obtainTool` gives. */
  daprdPath?: string;
  /** debug, info, warn (by default), error */
  sidecarLogLevel?: string;
  /** For each of servers, apps and sidecars; by default 90 s. */
  readyTimeoutMs?: number;
  /** Gives up starting; what was started is stopped, and `startSystem` rejects. */
  signal?: AbortSignal;
};
