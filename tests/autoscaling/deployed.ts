import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ControlPlane } from '../kubernetes/control-plane/control-plane.js';
import { manifests, render, type Manifest } from '../kubernetes/rendering/render.js';
import type { Settings } from './settings.js';
import { addSidecars, fakeSecrets, substitute, type Addresses, type Substitution } from './substitutions.js';

/** The objects that a run applied, and those that it left out. */
export type Deployed = {
  applied: readonly Manifest[];
  /** Kinds that this API server lacks the CRDs of. */
  leftOut: readonly string[];
  substitutions: readonly Substitution[];
  /** Applies the ScaledObjects, once Prometheus and Kafka have metrics. */
  applyScaling: () => Promise<void>;
};

/** The namespace of the product. */
export const namespace = 'purchase-system';

/**
 * Applies the production overlay, with the addresses of this machine and without ScaledObjects. Kinds that the API server
 * does not know are left out.
 */
export async function deployProduction(
  controlPlane: ControlPlane,
  addresses: Addresses,
  settings: Settings,
): Promise<Deployed> {
  const rendered = await render(join(manifests, 'overlays', 'prod'));
  const known = await knownKinds(controlPlane);
  const applied = rendered.filter((manifest) => known.has(kindOf(manifest)));
  const isScaling = ({ kind }: Manifest): boolean => kind === 'ScaledObject';
  const scaling = applied.filter(isScaling);
  const deployments = applied.filter(({ kind }) => kind === 'Deployment');
  const fakes = fakeSecrets(deployments);
  const substitutions = [
    ...substitute(scaling, addresses, settings),
    ...addSidecars(deployments),
    ...fakes.substitutions,
  ];
  const isNamespace = ({ kind }: Manifest): boolean => kind === 'Namespace';
  const own = applied.filter(isNamespace);
  await controlPlane.apply(yamlOf([...own, ...namespacesOfOthers(applied, own)]));
  await controlPlane.apply(
    yamlOf([
      ...fakes.secrets,
      ...applied.filter((manifest) => !isNamespace(manifest) && !isScaling(manifest)),
    ]),
  );
  return {
    applied,
    leftOut: [...new Set(rendered.map(kindOf).filter((kind) => !known.has(kind)))].sort(),
    substitutions,
    applyScaling: async () => {
      await controlPlane.apply(yamlOf(scaling));
    },
  };
}

/** An applied object by kind and name. Throws if it is missing. */
export function appliedObject({ applied }: Deployed, kind: string, name: string): Manifest {
  const found = applied.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`production has no ${kind} ${name}`);
  return found;
}

/** The namespaces that our objects use, and that the cluster infrastructure creates. */
function namespacesOfOthers(all: readonly Manifest[], own: readonly Manifest[]): Manifest[] {
  const there = new Set(own.map(({ metadata }) => metadata.name));
  const used = new Set(all.flatMap(({ metadata }) => metadata.namespace ?? []));
  return [...used]
    .filter((name) => !there.has(name))
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

function kindOf({ apiVersion, kind }: Manifest): string {
  return `${kind} (${apiVersion})`;
}

async function knownKinds({ client }: ControlPlane): Promise<Set<string>> {
  const { groups } = await client.getJson<{ groups: { versions: { groupVersion: string }[] }[] }>('/apis');
  const paths = [
    '/api/v1',
    ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`)),
  ];
  const known = new Set<string>();
  for (const path of paths) {
    const { groupVersion, resources } = await client.getJson<{
      groupVersion: string;
      resources: { kind: string }[];
    }>(path);
    for (const { kind } of resources) known.add(`${kind} (${groupVersion})`);
  }
  return known;
}

function yamlOf(objects: readonly Manifest[]): string {
  return objects.map((object) => stringify(object)).join('---\n');
}
