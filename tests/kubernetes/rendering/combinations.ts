import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { projectRoot, runProgram } from '@unity-purchase/tools';
import { manifests, renderText, manifestsIn, type Manifest } from './render.js';

export const overlays = ['dev', 'ci', 'prod'] as const;
export const brokers = ['kafka', 'rabbitmq', 'redis', 'jetstream'] as const;
export const stores = ['mongodb', 'postgresql', 'redis'] as const;

export type Overlay = (typeof overlays)[number];
export type Broker = (typeof brokers)[number];
export type Store = (typeof stores)[number];

/** An overlay with another broker or store than it has. */
export type Combination = { overlay: Overlay; broker: Broker; store: Store };

export const combinations: readonly Combination[] = overlays.flatMap((overlay) =>
  brokers.flatMap((broker) => stores.map((store) => ({ overlay, broker, store }))),
);

export type RenderedCombination = Combination & {
  /** `prod, kafka, mongodb`. */
  name: string;
  text: string;
  objects: Manifest[];
};

/** As many as there are processors on a small machine. */
const rendersAtOnce = 2;

let rendered: Promise<RenderedCombination[]> | undefined;

/**
 * Every combination, rendered: as somebody would get it who exchanges the two lines of an overlay, and nothing else. Is done
 * once for whoever asks. Rejects where an overlay has not exactly these two lines, or one cannot be rendered.
 */
export async function renderedCombinations(): Promise<RenderedCombination[]> {
  rendered ??= renderAll();
  return rendered;
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

/** Gives `use` a copy of the manifests, with the secrets of one's own cluster, to change as it likes; gone afterwards. */
export async function withCopy<T>(use: (copy: string) => Promise<T>): Promise<T> {
  const copy = await mkdtemp(join(tmpdir(), 'unity-purchase-combinations-'));
  try {
    await copyManifests(copy);
    return await use(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** With `components/` beside it, as in the repository, because the brokers and stores are taken from there. */
async function copyManifests(copy: string): Promise<void> {
  const isTests = (path: string): boolean => path === join(manifests, 'tests');
  await cp(manifests, join(copy, 'k8s'), { recursive: true, filter: (path) => !isTests(path) });
  await cp(join(projectRoot, 'components'), join(copy, 'components'), { recursive: true });
  // What git ignores, and a cluster of one's own needs.
  await runProgram('bash', [join(copy, 'k8s', 'components', 'dev-secrets', 'make-secrets.sh')]);
}

/** Renders a combination in a copy. Rejects where kustomize cannot. */
export async function renderIn(copy: string, combination: Combination): Promise<string> {
  const { overlay, broker, store } = combination;
  const all = join(copy, 'k8s', 'overlays');
  const folder = join(all, [overlay, broker, store].join('-'));
  await cp(join(all, overlay), folder, { recursive: true });
  try {
    const file = join(folder, 'kustomization.yaml');
    await writeFile(file, exchanged(await readFile(file, 'utf8'), combination));
    return await renderText(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function renderOne(copy: string, combination: Combination): Promise<RenderedCombination> {
  const { overlay, broker, store } = combination;
  const text = await renderIn(copy, combination);
  return { ...combination, name: `${overlay}, ${broker}, ${store}`, text, objects: manifestsIn(text) };
}

/** The kustomization of an overlay with another broker and another store. Throws where the lines are not what they should be. */
export function exchanged(kustomization: string, { overlay, broker, store }: Combination): string {
  return [
    { from: /^( *- \.\.\/\.\.\/components\/broker-)[a-z]+$/gm, to: broker },
    { from: /^( *- \.\.\/\.\.\/components\/store-)[a-z]+$/gm, to: store },
  ].reduce((text, { from, to }) => {
    const lines = text.match(from) ?? [];
    if (lines.length !== 1)
      throw new Error(`${overlay} has ${lines.length} lines like ${basename(from.source)} instead of one`);
    return text.replace(from, `$1${to}`);
  }, kustomization);
}

/** What one combination renders to. */
export async function renderedCombination(wanted: Combination): Promise<RenderedCombination> {
  const found = (await renderedCombinations()).find(
    ({ overlay, broker, store }) =>
      overlay === wanted.overlay && broker === wanted.broker && store === wanted.store,
  );
  if (found === undefined) throw new Error(`there is no combination ${Object.values(wanted).join()}`);
  return found;
}
