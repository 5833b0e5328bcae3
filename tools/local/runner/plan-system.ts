import { join, resolve } from 'node:path';
import { embeddedPair } from '../pairs.js';
import { readRunFile } from '../run-file/read-run-file.js';
import { planInstance, portNeedsOf, type AppInstance, type PlannedInstance } from './app-instance.js';
import { defaultDataDir, prepareResources, type LocalResources } from './local-resources.js';
import type { PortNeed } from './ports.js';
import { planServers, portNeedsOfServer, type PlannedServer } from './plan-servers.js';
import type { StartOptions } from './start-options.js';

/** What is going to run, decided before anything is started. */
export type SystemPlan = {
  root: string;
  dataDir: string;
  resources: LocalResources;
  /** What is started along; whatever else the components talk to runs already. */
  servers: readonly PlannedServer[];
  instances: readonly PlannedInstance[];
  /** Every port that must be free. */
  portNeeds: readonly PortNeed[];
  /** Plans one more instance, which is then among `instances`. */
  addInstance: (instance: AppInstance) => Promise<PlannedInstance>;
  /** The instance with this name or with a sidecar of this name; throws if there is none. */
  instanceOf: (name: string) => PlannedInstance;
};

/** Reads the run file and the resources and decides names and ports. Rejects for anything in them that cannot be. */
export async function planSystem(options: StartOptions): Promise<SystemPlan> {
  const root = resolve(options.root);
  const dataDir = resolve(options.dataDir ?? defaultDataDir(root));
  const { runFile: given = join(root, 'dapr.yaml'), ports = {} } = options;
  const { broker = embeddedPair.broker, store = embeddedPair.store, metadata = {} } = options;
  const runFile = typeof given === 'string' ? await readRunFile(given) : given;
  const places = { root, dataDir };
  const resources = await prepareResources(runFile, {
    ...places,
    ...{ broker, store, metadata },
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
    // The system's ports are those of the first instance; a replica has its own.
    const own = { ...(isFirst ? ports.apps?.[instance.appId] : undefined), ...instance.ports };
    await addInstance({ ...instance, ports: own });
  }

  return {
    ...places,
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
