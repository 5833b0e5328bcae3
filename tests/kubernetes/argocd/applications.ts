import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { manifests, manifestsIn } from '../rendering/render.js';

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

const folder = join(manifests, 'argocd');

/** The Applications that the root creates, by name. */
export async function readApplications(): Promise<Map<string, Application>> {
  const files = (await readdir(join(folder, 'apps'))).sort();
  const all = await Promise.all(files.map((file) => readFile(join(folder, 'apps', file), 'utf8')));
  const parsed = all.flatMap(manifestsIn).map((manifest) => applicationSchema.parse(manifest));
  return new Map(parsed.map((application) => [application.metadata.name, application]));
}

export async function readRoot(): Promise<Application> {
  return applicationSchema.parse(manifestsIn(await readFile(join(folder, 'root.yaml'), 'utf8'))[0]);
}

export async function readProjects(): Promise<Map<string, Project>> {
  const all = manifestsIn(await readFile(join(folder, 'projects.yaml'), 'utf8'));
  return new Map(
    all.map((manifest) => projectSchema.parse(manifest)).map((project) => [project.metadata.name, project]),
  );
}

export function sourcesOf({ spec }: Application): z.infer<typeof sourceSchema>[] {
  return [...(spec.source ? [spec.source] : []), ...(spec.sources ?? [])];
}

export function waveOf({ metadata }: Application): number {
  return Number(metadata.annotations['argocd.argoproj.io/sync-wave']);
}
