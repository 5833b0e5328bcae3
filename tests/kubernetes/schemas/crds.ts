import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstreamFolder, type Upstream } from '@unity-purchase/tools';
import { manifestsIn, type Manifest } from '../rendering/render.js';

/** The folders or files with CRDs in each upstream's module. */
const places: Partial<Record<Upstream, readonly string[]>> = {
  keda: ['config/crd/bases'],
  dapr: ['charts/dapr/crds'],
  'argo-cd': ['manifests/crds'],
  'prometheus-operator': ['example/prometheus-operator-crd'],
  'external-secrets': ['config/crds/bases'],
  'gateway-api': ['config/crd/standard'],
  kyverno: ['config/crds/policies.kyverno.io', 'config/crds/kyverno'],
  mongodb: ['config/crd/bases'],
  nack: ['deploy/crds.yml'],
  'rabbitmq-topology': ['config/crd/bases'],
};

/** The folders or files with an upstream's CRDs. Downloads the module first, and rejects if that fails. */
export async function crdPlaces(upstream: Upstream): Promise<string[]> {
  const folder = await upstreamFolder(upstream);
  return (places[upstream] ?? []).map((path) => join(folder, path));
}

/**
 * Strimzi is written in Java and has no Go module. Set this to `packaging/helm-charts/helm3/strimzi-kafka-operator/crds` of
 * its sources. Without it, Strimzi's objects are not validated, and the tests say so.
 */
export const strimziFolder = process.env['STRIMZI_CRDS'];

/** The CRDs of all upstreams in one flat folder, as kubectl-validate needs them. */
export type Crds = AsyncDisposable & {
  folder: string;
  /** The kinds that they define, as `kindOf` writes them. */
  kinds: ReadonlySet<string>;
  /** Why Strimzi's CRDs are missing. */
  withoutStrimzi?: string;
};

/** Collects the CRDs. Rejects if an upstream moved them. */
export async function collectCrds(): Promise<Crds> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-crds-'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const upstream of Object.keys(places) as Upstream[])
      for (const path of await crdPlaces(upstream)) await copyYaml(path, folder, upstream);
    if (strimziFolder !== undefined) await copyYaml(strimziFolder, folder, 'strimzi');
    return {
      folder,
      kinds: await kindsIn(folder),
      ...(strimziFolder === undefined && {
        withoutStrimzi: 'STRIMZI_CRDS names no folder with its CRDs',
      }),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Adds a prefix, because upstreams use the same file names. */
async function copyYaml(from: string, folder: string, prefix: string): Promise<void> {
  if (/\.ya?ml$/.test(from)) return cp(from, join(folder, `${prefix}.yaml`));
  const names = (await readdir(from)).filter((name) => /\.ya?ml$/.test(name));
  await Promise.all(
    names
      .filter((name) => name !== 'kustomization.yaml')
      .map((name) => cp(join(from, name), join(folder, `${prefix}-${name}`))),
  );
}

type Crd = Manifest & {
  spec: { group: string; names: { kind: string }; versions: { name: string; served: boolean }[] };
};

async function kindsIn(folder: string): Promise<Set<string>> {
  const kinds = new Set<string>();
  for (const name of await readdir(folder))
    for (const object of manifestsIn(await readFile(join(folder, name), 'utf8'))) {
      if (object.kind !== 'CustomResourceDefinition') continue;
      const { group, names, versions } = (object as Crd).spec;
      // A cluster refuses versions that are not served.
      for (const version of versions.filter(({ served }) => served))
        kinds.add(kindOf({ apiVersion: `${group}/${version.name}`, kind: names.kind }));
    }
  return kinds;
}

/** `keda.sh/v1alpha1 ScaledObject`. */
export function kindOf({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): string {
  return `${apiVersion} ${kind}`;
}

/** Whether a kind belongs to Strimzi. */
export function isOfStrimzi({ apiVersion }: Pick<Manifest, 'apiVersion'>): boolean {
  return /^[a-z.]*strimzi\.io\//.test(apiVersion);
}
