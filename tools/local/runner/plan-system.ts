import { join, resolve } from 'node:path';
import { embeddedPair } from '../pairs.js';
import { readRunFile } from '../run-file/read-run-file.js';
import { planInstance, portNeedsOf, type AppInstance, type PlannedInstance } from './app-instance.js';
import { defaultDataDir, prepareResources, type LocalResources } from './local-resources.js';
import type { PortNeed } from './ports.js';
import { planServers, portNeedsOfServer, type PlannedServer } from './plan-servers.js';
import type { StartOptions } from './start-options.js';

/** Everything that will run, determined before the first process starts. */
export type SystemPlan = {
  root: string;
  dataDir: string;
  resources: LocalResources;
  /** The servers to start. Every other server that a component needs is already running. */
  servers: readonly PlannedServer[];
  instances: readonly PlannedInstance[];
  /** Every port that the system needs. */
  portNeeds: readonly PortNeed[];
  /** Plans another instance and adds it to `instances`. */
  addInstance: (instance: AppInstance) => Promise<PlannedInstance>;
  /** Returns the instance with this name, or whose sidecar has this name. Throws if there is none. */
  instanceOf: (name: string) => PlannedInstance;
};

/** Reads the run file and the resources and chooses names and ports. Rejects when one of the files is invalid. */
export async function planSystem(options: StartOptions): Promise<SystemPlan> {
  const root = resolve(options.root);
  const dataDir = resolve(options.dataDir ?? defaultDataDir(root));
  const { runFile: given = join(root, 'dapr.yaml'), ports = {} } = options;
  const { broker = embeddedPair.broker, store = embeddedPair.store, metadata = {} } = options;
  const runFile = typeof given === 'string' ? await readRunFile(given) : given;
  const folders = { root, dataDir };
  const resources = await prepareResources(runFile, {
    ...folders,
    broker,
    store,
    metadata,
    serverPorts: ports.servers ?? {},
  });
  const servers = await planServers(resources.components, dataDir, ports.servers ?? {});

  const instances: PlannedInstance[] = [];
  const addInstance = async (instance: AppInstance): Promise<PlannedInstance> => {
    const planned = await planInstance(instance, runFile, instances);
    instances.push(planned);
    return planned;
  };
  const wanted: readonly AppInstance[] = options.apps ?? runFile.apps.map(({ appId }) => ({ appId }));
  for (const instance of wanted) {
    const isFirst = !instances.some(({ app }) => app.appId === instance.appId);
    // The given ports of an app are for its first instance. A replica has its own.
    const own = { ...(isFirst ? ports.apps?.[instance.appId] : undefined), ...instance.ports };
    await addInstance({ ...instance, ports: own });
  }

  return {
    ...folders,
    resources,
    servers,
    instances,
    portNeeds: [...servers.flatMap(portNeedsOfServer), ...instances.flatMap(portNeedsOf)],
    addInstance,
    instanceOf: (name) => {
      const found = instances.find((one) => one.name === name || one.sidecarName === name);
      if (found === undefined) throw new Error(`there is no app or sidecar ${name}`);
      return found;
    },
  };
}
