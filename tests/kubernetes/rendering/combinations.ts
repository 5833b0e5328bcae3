import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, runProgram } from '@unity-purchase/tools';
import { brokers, type Broker } from '../brokers/cluster-brokers.js';
import { keptBetweenFiles } from './kept-between-files.js';
import { manifests, manifestsIn, renderText, type Manifest } from './render.js';

export const overlays = ['dev', 'ci', 'staging', 'prod'] as const;
export const stores = ['mongodb', 'postgresql', 'redis'] as const;
/** What can bring shoppers to the storefront. The first is chosen by staging and production. */
export const gateways = ['envoy', 'traefik', 'nginx', 'cilium'] as const;

export type Overlay = (typeof overlays)[number];
export type Store = (typeof stores)[number];
export type Gateway = (typeof gateways)[number];

/** Components that no overlay chooses by itself. */
export const options = [
  'private-registry',
  'oidc-client-secret',
  'traces',
  'policies/signed-images',
] as const;

/**
 * An overlay with a broker and a store, and perhaps a gateway, which may differ from those in its kustomization, and perhaps
 * with one more component.
 */
export type Combination = {
  overlay: Overlay;
  broker: Broker;
  store: Store;
  gateway?: Gateway;
  /** One of `options`, or another component. */
  option?: string;
};

/** Production on Kafka and MongoDB, as its kustomization says. */
export const production: Combination = { overlay: 'prod', broker: 'kafka', store: 'mongodb' };

/** Every overlay with every broker and every store, and production with every other gateway and with every option. */
export const combinations: readonly Combination[] = [
  ...overlays.flatMap((overlay) =>
    brokers.flatMap((broker) => stores.map((store) => ({ overlay, broker, store }))),
  ),
  ...gateways.slice(1).map((gateway) => ({ ...production, gateway })),
  ...options.map((option) => ({ ...production, option })),
];

export type RenderedCombination = Combination & {
  /** `prod, kafka, mongodb`. */
  name: string;
  text: string;
  objects: Manifest[];
};

/** Kustomizations take the brokers and stores from there. */
const componentFiles = join(projectRoot, 'components');

const tracesCollector = 'otel-collector.monitoring.svc.cluster.local:4318';

/** The number of processors of a small machine. */
const rendersAtOnce = 2;

let rendered: Promise<RenderedCombination[]> | undefined;

/**
 * Renders every combination as an operator would: only the two lines for the broker and the store change. The first call
 * renders, later calls return the same result. Rejects if an overlay lacks these two lines or kustomize fails.
 */
export async function renderedCombinations(): Promise<RenderedCombination[]> {
  rendered ??= keptBetweenFiles([manifests, componentFiles, import.meta.dirname], combinations, renderAll);
  return rendered;
}

/** One rendered combination; see `renderedCombinations`. */
export async function renderedCombination(wanted: Combination): Promise<RenderedCombination> {
  const found = (await renderedCombinations()).find(
    ({ overlay, broker, store, gateway, option }) =>
      overlay === wanted.overlay &&
      broker === wanted.broker &&
      store === wanted.store &&
      gateway === wanted.gateway &&
      option === wanted.option,
  );
  if (found === undefined) throw new Error(`no such combination: ${Object.values(wanted).join(', ')}`);
  return found;
}

async function renderAll(): Promise<RenderedCombination[]> {
  return withCopy(async (copy) => {
    const results: RenderedCombination[] = [];
    const waiting = combinations.entries();
    const work = async (): Promise<void> => {
      for (const [index, combination] of waiting) results[index] = await renderOne(copy, combination);
    };
    await Promise.all(Array.from({ length: rendersAtOnce }, work));
    return results;
  });
}

async function renderOne(copy: string, combination: Combination): Promise<RenderedCombination> {
  const text = await renderIn(copy, combination);
  return { ...combination, name: Object.values(combination).join(', '), text, objects: manifestsIn(text) };
}

/** Calls `use` with a copy of the manifests that it may change, including a cluster's secrets. Deletes the copy afterwards. */
export async function withCopy<T>(use: (copy: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), 'unity-purchase-combinations-'));
  try {
    await copyManifests(copy);
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function copyManifests(copy: string): Promise<void> {
  await cp(manifests, join(copy, 'k8s'), { recursive: true });
  await cp(componentFiles, join(copy, 'components'), { recursive: true });
  // The access table describes this collector, whatever the installation names.
  const installation = join(copy, 'k8s/installation/installation.env');
  const text = await readFile(installation, 'utf8');
  await writeFile(
    installation,
    text
      .replace(/^TRACES_COLLECTOR=.*$/m, `TRACES_COLLECTOR=${tracesCollector}`)
      .replace(/^TRACES_COLLECTOR_APP=.*$/m, 'TRACES_COLLECTOR_APP=opentelemetry-collector'),
  );
  // These secrets are not in git.
  await runProgram('bash', [join(copy, 'k8s', 'components', 'dev-secrets', 'make-secrets.sh')]);
}

/** Renders a combination in a copy of the manifests. Rejects if kustomize fails. */
export async function renderIn(copy: string, combination: Combination): Promise<string> {
  const all = join(copy, 'k8s', 'overlays');
  const folder = join(all, Object.values(combination).join('-').replaceAll('/', '-'));
  await cp(join(all, combination.overlay), folder, { recursive: true });
  try {
    const file = join(folder, 'kustomization.yaml');
    await writeFile(file, withChoices(await readFile(file, 'utf8'), combination));
    return await renderText(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An overlay's kustomization with another broker, store and gateway. Throws unless each is exactly one line. */
export function withChoices(kustomization: string, { overlay, option, ...choices }: Combination): string {
  // The components are the last list of an overlay that has options.
  const last = option === undefined ? '' : `  - ../../components/${option}\n`;
  return Object.entries(choices).reduce((text, [part, name]) => {
    const line = new RegExp(`^( *- \\.\\./\\.\\./components/${part}-)[a-z]+$`, 'gm');
    const count = text.match(line)?.length ?? 0;
    if (count !== 1) throw new Error(`${overlay} has ${count} lines for the ${part} instead of one`);
    return text.replace(line, `$1${name}`);
  }, kustomization + last);
}
