import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ImageService } from './shipped-images.js';

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

/** The part of a Deployment that says how a service's container is run. */
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
                valueFrom: z.object({ secretKeyRef: z.object({ name: z.string() }) }).optional(),
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

/** How the cluster runs a service, for running it in the same way where there is no cluster. */
export type DeploymentSettings = {
  appPort: number;
  env: Readonly<Record<string, string>>;
  /** Variables whose values are secrets, by the secret's name. */
  secretEnv: Readonly<Record<string, string>>;
  readiness: { path: string; port: number };
  /** As Kubernetes and podman write it: `512Mi` and `512m`. */
  memoryLimit: string;
  sidecar: { memoryLimit: string; env: Readonly<Record<string, string>> };
};

export async function readDeployment(root: string, service: ImageService): Promise<DeploymentSettings> {
  const text = await readFile(join(root, 'k8s/base', service, 'deployment.yaml'), 'utf8');
  const { metadata, spec } = deploymentSchema.parse(parse(text)).spec.template;
  const [{ ports, env, readinessProbe, resources }] = spec.containers;
  const portOf = (name: string): number => {
    const port = ports.find((each) => each.name === name)?.containerPort;
    if (port === undefined) throw new Error(`the deployment of ${service} has no port ${name}`);
    return port;
  };
  const { path, port } = readinessProbe.httpGet;
  const { annotations } = metadata;
  return {
    appPort: Number(annotations['dapr.io/app-port']),
    env: Object.fromEntries(env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
    secretEnv: Object.fromEntries(
      env.flatMap(({ name, valueFrom }) =>
        valueFrom === undefined ? [] : [[name, valueFrom.secretKeyRef.name]],
      ),
    ),
    readiness: { path, port: portOf(port) },
    memoryLimit: inPodmansWords(resources.limits.memory),
    sidecar: {
      memoryLimit: inPodmansWords(annotations['dapr.io/sidecar-memory-limit'] ?? ''),
      env: Object.fromEntries(
        (annotations['dapr.io/env'] ?? '').split(',').map((entry) => entry.split('=', 2) as [string, string]),
      ),
    },
  };
}

function inPodmansWords(memory: string): string {
  const mebibytes = /^(\d+)Mi$/.exec(memory)?.[1];
  if (mebibytes === undefined) throw new Error(`"${memory}" is no amount of memory in Mi`);
  return `${mebibytes}m`;
}
