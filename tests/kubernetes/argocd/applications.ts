import { join } from 'node:path';
import { z } from 'zod';
import { manifests, render, type Manifest } from '../rendering/render.js';

const sourceSchema = z.strictObject({
  repoURL: z.string(),
  targetRevision: z.string(),
  path: z.string().optional(),
  chart: z.string().optional(),
  ref: z.string().optional(),
  helm: z.strictObject({ releaseName: z.string(), valueFiles: z.array(z.string()) }).optional(),
});

const applicationSchema = z.object({
  kind: z.literal('Application'),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.literal('argocd'),
    labels: z.strictObject({ source: z.enum(['chart', 'folder']) }),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.strictObject({
    project: z.string(),
    destination: z.strictObject({ server: z.string(), namespace: z.string() }),
    source: sourceSchema.optional(),
    sources: z.array(sourceSchema).optional(),
    ignoreDifferences: z.array(z.record(z.string(), z.unknown())).optional(),
    syncPolicy: z.strictObject({
      automated: z.strictObject({ prune: z.boolean(), selfHeal: z.boolean() }),
      syncOptions: z.array(z.string()),
      retry: z.strictObject({
        limit: z.int(),
        refresh: z.boolean().optional(),
        backoff: z.strictObject({ duration: z.string(), factor: z.int(), maxDuration: z.string() }),
      }),
    }),
  }),
});

/** An Application with only the fields that our manifests use. */
export type Application = z.infer<typeof applicationSchema>;

const resourceKinds = z.array(z.strictObject({ group: z.string(), kind: z.string() }));

const projectSchema = z.object({
  kind: z.literal('AppProject'),
  metadata: z.object({ name: z.string() }),
  spec: z.strictObject({
    description: z.string(),
    sourceRepos: z.array(z.string()),
    destinations: z.array(z.strictObject({ server: z.string(), namespace: z.string() })),
    clusterResourceWhitelist: resourceKinds,
    namespaceResourceWhitelist: resourceKinds.optional(),
  }),
});

export type Project = z.infer<typeof projectSchema>;

/** The clusters that Argo CD can run. */
export const clusters = ['prod', 'staging'] as const;
export type Cluster = (typeof clusters)[number];

/** The folder of a cluster, in `k8s` or in a copy of it. */
const folderOf = (cluster: Cluster, k8s: string): string => join(k8s, 'argocd/clusters', cluster);

const ofKind = (objects: readonly Manifest[], wanted: string): Manifest[] =>
  objects.filter(({ kind }) => kind === wanted);

/** The Applications that the root creates, by name. */
export async function readApplications(
  cluster: Cluster,
  k8s: string = manifests,
): Promise<Map<string, Application>> {
  const objects = await render(join(folderOf(cluster, k8s), 'apps'));
  const parsed = ofKind(objects, 'Application').map((manifest) => applicationSchema.parse(manifest));
  return new Map(parsed.map((application) => [application.metadata.name, application]));
}

export async function readRoot(cluster: Cluster, k8s: string = manifests): Promise<Application> {
  return applicationSchema.parse(ofKind(await render(folderOf(cluster, k8s)), 'Application')[0]);
}

export async function readProjects(cluster: Cluster, k8s: string = manifests): Promise<Map<string, Project>> {
  const parsed = ofKind(await render(folderOf(cluster, k8s)), 'AppProject').map((manifest) =>
    projectSchema.parse(manifest),
  );
  return new Map(parsed.map((project) => [project.metadata.name, project]));
}

export function sourcesOf({ spec }: Application): z.infer<typeof sourceSchema>[] {
  return [...(spec.source ? [spec.source] : []), ...(spec.sources ?? [])];
}

export function waveOf({ metadata }: Application): number {
  return Number(metadata.annotations['argocd.argoproj.io/sync-wave']);
}
