import type { Programs } from './programs.js';

/** The name of the cluster that `--kind` creates. */
export const kindCluster = 'purchase-system';

/** The context of that cluster. */
export const kindContext = `kind-${kindCluster}`;

/** How a local cluster gets an image from an archive. */
type ImageLoader = (context: string, archive: string) => [program: string, ...args: string[]];

/** The clusters of a developer's machine, by the names that their programs give contexts. */
const localClusters: readonly { context: RegExp; load: ImageLoader }[] = [
  {
    context: /^kind-/,
    load: (context, archive) => [
      'kind',
      'load',
      'image-archive',
      archive,
      '--name',
      context.slice('kind-'.length),
    ],
  },
  {
    context: /^k3d-/,
    load: (context, archive) => [
      'k3d',
      'image',
      'import',
      archive,
      '--cluster',
      context.slice('k3d-'.length),
    ],
  },
  {
    context: /^minikube$/,
    load: (context, archive) => ['minikube', 'image', 'load', archive, '--profile', context],
  },
  // It runs the images of its own Docker.
  {
    context: /^docker-desktop$/,
    load: (_context, archive) => ['docker', 'load', '--input', archive],
  },
];

/** The command that gives a local cluster an image from an archive, or undefined for any other cluster. */
export function loadCommand(context: string, archive: string): [string, ...string[]] | undefined {
  return localClusters.find((cluster) => cluster.context.test(context))?.load(context, archive);
}

export type TargetOptions = {
  /** A context of the kubeconfig. */
  context?: string | undefined;
  /** Creates a cluster with kind, unless it exists. */
  kind?: boolean | undefined;
};

/**
 * Resolves to the context of the cluster to use: the given one, that of kind, or the current one if its name is that of a local
 * cluster. The current context could be production's, so any other must be named.
 *
 * @throws Error that says what to do
 */
export async function chooseContext(
  programs: Programs,
  { context, kind = false }: TargetOptions,
): Promise<string> {
  if (context !== undefined && kind) throw new Error('Choose --context or --kind, not both.');
  if (kind) return startKind(programs);
  if (context !== undefined) return context;
  const current = await programs.read('kubectl', ['config', 'current-context']).then(
    (text) => text.trim(),
    () => '',
  );
  if (current === '')
    throw new Error(
      'There is no current cluster. Choose one with --context NAME, or create one with --kind.',
    );
  if (!localClusters.some((cluster) => cluster.context.test(current)))
    throw new Error(
      `The current context, ${current}, may not be yours alone. Confirm it with --context ${current}.`,
    );
  return current;
}

async function startKind(programs: Programs): Promise<string> {
  const clusters = await programs.read('kind', ['get', 'clusters']);
  if (clusters.split('\n').includes(kindCluster))
    await programs.show('kind', ['export', 'kubeconfig', '--name', kindCluster]);
  else await programs.show('kind', ['create', 'cluster', '--name', kindCluster, '--wait', '5m']);
  return kindContext;
}

/** @throws Error if the cluster does not answer: an interrupted `kind create` leaves such a one */
export async function requireAnswer({ read }: Programs, context: string): Promise<void> {
  await read('kubectl', ['--context', context, 'get', '--raw', '/readyz', '--request-timeout=30s']).catch(
    (cause: unknown) => {
      const advice = context === kindContext ? ` Delete it: kind delete cluster --name ${kindCluster}` : '';
      throw new Error(`The cluster does not answer.${advice}`, { cause });
    },
  );
}
