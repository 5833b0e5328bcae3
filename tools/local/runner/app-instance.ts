import type { RunFile, RunFileApp } from '../run-file/read-run-file.js';
import type { AppPorts } from './daprd-arguments.js';
import { findFreePorts } from './free-ports.js';
import type { PortNeed } from './ports.js';

/** An app to start. A second one with the same app id is a replica of it. */
export type AppInstance = {
  appId: string;
  /** By default the app id, and `<app id>-2`, `-3` for replicas. */
  name?: string;
  /** What is missing: the run file's ports for the first instance, free ones for a replica. */
  ports?: Partial<AppPorts>;
  /** Beats every other source of the app's environment. */
  env?: Readonly<Record<string, string>>;
};

/** An instance with everything decided. */
export type PlannedInstance = {
  name: string;
  sidecarName: string;
  app: RunFileApp;
  ports: AppPorts;
  env: Readonly<Record<string, string>>;
};

/** Decides name and ports of an instance, given those that are planned already. Rejects for an unknown app id. */
export async function planInstance(
  instance: AppInstance,
  runFile: RunFile,
  planned: readonly PlannedInstance[],
): Promise<PlannedInstance> {
  const app = runFile.apps.find(({ appId }) => appId === instance.appId);
  if (app === undefined) throw new Error(`${runFile.path} has no app ${instance.appId}`);
  const count = planned.filter((other) => other.app === app).length;
  const name = instance.name ?? (count === 0 ? app.appId : `${app.appId}-${count + 1}`);
  return {
    name,
    sidecarName: `${name}-sidecar`,
    app,
    ports: {
      ...(count === 0 ? portsOf(app) : await freePorts()),
      // Two sidecars that look for one at the same time can find the same, and each takes the other for gone.
      internalGrpc: await freePort(),
      ...instance.ports,
    },
    env: instance.env ?? {},
  };
}

/** The ports that must be free for an instance, each with the process that will listen there. */
export function portNeedsOf({ name, sidecarName, ports }: PlannedInstance): PortNeed[] {
  const { internalGrpc } = ports;
  return [
    { port: ports.app, neededBy: name },
    { port: ports.daprHttp, neededBy: `${sidecarName} (HTTP)` },
    { port: ports.daprGrpc, neededBy: `${sidecarName} (gRPC)` },
    { port: ports.metrics, neededBy: `${sidecarName} (metrics)` },
    ...(internalGrpc === undefined
      ? []
      : [{ port: internalGrpc, neededBy: `${sidecarName} (internal gRPC)` }]),
  ];
}

async function freePort(): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  return port;
}

function portsOf(app: RunFileApp): AppPorts {
  return {
    app: app.appPort,
    daprHttp: app.daprHttpPort,
    daprGrpc: app.daprGrpcPort,
    metrics: app.metricsPort,
  };
}

async function freePorts(): Promise<AppPorts> {
  const [app = 0, daprHttp = 0, daprGrpc = 0, metrics = 0] = await findFreePorts(4);
  return { app, daprHttp, daprGrpc, metrics };
}
