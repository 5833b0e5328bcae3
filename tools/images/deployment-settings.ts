import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ImageService } from './shipped-images.js';

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

/** The part of a Kubernetes Deployment that configures the service's container. */
const deploymentSchema = z.object({
  spec: z.object({
    template: z.object({
      metadata: z.object({ annotations: z.record(z.string(), z.string()) }),
      spec: z.object({
        containers: z.tuple([
          z.object({
            ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
            env: z.array(
              z.object({
                name: z.string(),
                value: z.string().optional(),
                valueFrom: z
                  .union([
                    z.object({ secretKeyRef: z.object({ name: z.string() }) }),
                    // A choice of the cluster. The service also runs without it.
                    z.object({ configMapKeyRef: z.object({ optional: z.literal(true) }) }),
                  ])
                  .optional(),
              }),
            ),
            readinessProbe: probe,
            resources: z.object({ limits: z.object({ memory: z.string() }) }),
          }),
        ]),
      }),
    }),
  }),
});

/** How the cluster runs a service. Tests run it the same way without a cluster. */
export type DeploymentSettings = {
  appPort: number;
  env: Readonly<Record<string, string>>;
  /** Variables whose values are secrets, each with the name of its secret. */
  secretEnv: Readonly<Record<string, string>>;
  readiness: { path: string; port: number };
  /** In podman's notation: `512m` */
  memoryLimit: string;
  sidecar: { memoryLimit: string; gracefulShutdownSeconds: number; env: Readonly<Record<string, string>> };
};

/** Reads a service's Deployment in `k8s/base`. Rejects if it lacks a setting. */
export async function readDeployment(root: string, service: ImageService): Promise<DeploymentSettings> {
  const text = await readFile(join(root, 'k8s/base', service, 'deployment.yaml'), 'utf8');
  const { metadata, spec } = deploymentSchema.parse(parse(text)).spec.template;
  const [{ ports, env, readinessProbe, resources }] = spec.containers;
  const portOf = (name: string): number => {
    const port = ports.find((each) => each.name === name)?.containerPort;
    if (port === undefined) throw new Error(`the Deployment of ${service} has no port ${name}`);
    return port;
  };
  const { path, port } = readinessProbe.httpGet;
  const { annotations } = metadata;
  return {
    appPort: Number(annotations['dapr.io/app-port']),
    env: Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    secretEnv: Object.fromEntries(
      env.flatMap(({ name, valueFrom }) =>
        valueFrom !== undefined && 'secretKeyRef' in valueFrom ? [[name, valueFrom.secretKeyRef.name]] : [],
      ),
    ),
    readiness: { path, port: portOf(port) },
    memoryLimit: toPodmanMemory(resources.limits.memory),
    sidecar: {
      memoryLimit: toPodmanMemory(annotations['dapr.io/sidecar-memory-limit'] ?? ''),
      gracefulShutdownSeconds: Number(annotations['dapr.io/graceful-shutdown-seconds']),
      env: Object.fromEntries(
        (annotations['dapr.io/env'] ?? '').split(',').map((entry) => entry.split('=', 2) as [string, string]),
      ),
    },
  };
}

/** Converts Kubernetes' notation (`512Mi`) to podman's (`512m`). */
function toPodmanMemory(memory: string): string {
  const mebibytes = /^(\d+)Mi$/.exec(memory)?.[1];
  if (mebibytes === undefined) throw new Error(`"${memory}" is not an amount of memory in Mi`);
  return `${mebibytes}m`;
}
