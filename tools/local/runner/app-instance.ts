import type { RunFile, RunFileApp } from '../run-file/read-run-file.js';
import type { AppPorts } from './daprd-arguments.js';
import { findFreePorts } from './free-ports.js';
import type { PortNeed } from './ports.js';

/** An app to start. A second instance with the same app id is a replica. */
export type AppInstance = {
  appId: string;
  /** By default the app id; `<app id>-2`, `<app id>-3` and so on for replicas. */
  name?: string;
  /** By default the run file's ports for the first instance, and free ports for a replica. */
  ports?: Partial<AppPorts>;
  /** Overrides every other source of the app's environment. */
  env?: Readonly<Record<string, string>>;
};

/** An instance with its name and all its ports. */
export type PlannedInstance = {
  name: string;
  sidecarName: string;
  app: RunFileApp;
  ports: AppPorts;
  env: Readonly<Record<string, string>>;
};

/** Chooses the name and the ports of an instance, given the instances planned before. Rejects for an unknown app id. */
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
      // Two sidecars that choose one at the same time may choose the same.
      internalGrpc: await freePort(),
      ...instance.ports,
    },
    env: instance.env ?? {},
  };
}

/** Returns the ports that an instance needs, each with the process that will listen on it. */
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
