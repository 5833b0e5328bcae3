import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { promote } from './promote.js';
import { rollOut, type RolloutTarget } from './rollout.js';
import { fetchMain, gitIn, main, type Git } from './git.js';
import { guardRelease, type Release } from './guard.js';
import {
  digestPattern,
  imageNames,
  imagesAt,
  referenceOf,
  type DeployedImages,
  type Digests,
  type ImageName,
} from './deployed-images.js';
import { digestFile, planImage } from './publish.js';
import { openRepository, type Repository } from './registry.js';
import { platforms, verifyImage, type Platform } from './released-image.js';
import { findEarlierRelease } from './earlier-release.js';
import { startImage } from './start-image.js';

/** What a step works with: the root of a checkout, the environment, and where its output lines go. */
export type ReleaseContext = { root: string; env: NodeJS.ProcessEnv; print: (line: string) => void };

/** The flags of the steps, each with the environment variable that a workflow sets instead. */
const flags = {
  tag: 'RELEASE_TAG',
  image: 'IMAGE',
  platform: 'PLATFORM',
  digest: 'DIGEST',
  digests: 'DIGESTS',
  folder: 'DIGEST_FOLDER',
  reference: 'REFERENCE',
  to: 'ROLLBACK_TO',
  revision: 'PROMOTE_REVISION',
} as const;
type Flag = keyof typeof flags;

type Step = (values: Readonly<Record<Flag, string>>, context: ReleaseContext) => Promise<void>;

/** The steps of a release in order. The workflow runs them; they also run on a developer's machine. */
export const steps: Readonly<
  Record<string, { purpose: string; flags: readonly Flag[]; optional?: readonly Flag[]; run: Step }>
> = {
  guard: {
    purpose: 'Check that a tag may be released',
    flags: ['tag'],
    run: async ({ tag }, context) => {
      const release = await releaseOf(tag, context);
      context.print(`${tag} may be released: version ${release.version} of commit ${release.revision}.`);
      await output(context, { version: release.version, revision: release.revision });
    },
  },
  arguments: {
    purpose: 'Print the repository and the build arguments of an image',
    flags: ['tag', 'image'],
    run: async ({ tag, image }, context) => {
      const { version, revision, createdAt } = await releaseOf(tag, context);
      const name = imageName(image);
      const { repository } = (await deployedAt(gitOf(context)))[name];
      const buildArguments = { SERVICE: name, VERSION: version, REVISION: revision, CREATED: createdAt };
      const lines = Object.entries(buildArguments).map(([key, value]) => `${key}=${value}`);
      for (const line of [repository, ...lines]) context.print(line);
      const epoch = String(Date.parse(createdAt) / 1_000);
      await output(context, { repository, arguments: lines.join('\n'), epoch });
    },
  },
  digest: {
    purpose: 'Record the digest that was pushed for one platform',
    flags: ['image', 'platform', 'digest', 'folder'],
    run: async ({ image, platform, digest, folder }, { print }) => {
      const file = join(folder, digestFile(imageName(image), platformOf(platform)));
      await mkdir(folder, { recursive: true });
      await writeFile(file, `${digestFrom(digest, image)}\n`);
      print(`${file}: ${digest}`);
    },
  },
  combine: {
    purpose: 'Publish both images under the version, each as one index of all platforms',
    flags: ['tag', 'folder'],
    run: async ({ tag, folder }, context) => {
      const release = await releaseOf(tag, context);
      const deployed = await deployedAt(gitOf(context));
      const planned = [];
      for (const image of imageNames) {
        const { repository } = deployed[image];
        planned.push({
          image,
          repository,
          ...(await planImage(open(repository, context), image, release, folder)),
        });
      }
      for (const { repository, digest, isNew, publish } of planned) {
        await publish();
        const outcome = isNew ? 'published' : 'exists already, built from this commit: kept';
        context.print(`${repository}:${release.version}@${digest} ${outcome}`);
      }
      const images = planned.map(({ image, repository, digest }) => ({ image, repository, digest }));
      // `digests` is for the following steps, `images` for a matrix of jobs.
      const digests = images.map(({ image, digest }) => `${image}=${digest}`).join(' ');
      await output(context, { digests, images: JSON.stringify(images) });
    },
  },
  verify: {
    purpose: 'Check that the registry has both images of this release, complete',
    flags: ['tag', 'digests'],
    run: async ({ tag, digests }, context) => {
      await verifyAll(await releaseOf(tag, context), digestsFrom(digests), context);
    },
  },
  start: {
    purpose: 'Check with Docker that an image starts and reports its missing configuration',
    flags: ['reference'],
    run: async ({ reference }, { env, print }) => {
      await startImage(reference, env);
      print(`${reference} starts and reports its missing configuration.`);
    },
  },
  bump: {
    purpose: 'Deploy both images to staging with one commit on main, which it follows',
    flags: ['tag', 'digests'],
    run: async ({ tag, digests: text }, context) => {
      const release = await releaseOf(tag, context);
      const digests = digestsFrom(text);
      await verifyAll(release, digests, context);
      await rollOutVersion('release', release.version, digests, context);
    },
  },
  rollback: {
    purpose: 'Deploy an earlier version to staging again',
    flags: ['to'],
    run: async ({ to }, context) => {
      const { release, digests } = await findEarlierRelease(gitOf(context), to, (name) =>
        open(name, context),
      );
      await verifyAll(release, digests, context);
      await rollOutVersion('rollback', to, digests, context);
    },
  },
  promote: {
    purpose:
      'Deploy to production what staging runs, or an earlier commit of main, with one commit on its branch',
    flags: [],
    optional: ['revision'],
    run: async ({ revision }, context) => {
      const { env, print } = context;
      await promote({ git: gitOf(context), env, print, revision });
    },
  },
  confirm: {
    purpose: 'Print the images that main deploys',
    flags: [],
    run: async (_values, context) => {
      const deployed = await deployedAt(gitOf(context));
      context.print(`${main.branch} deploys:`);
      for (const name of imageNames) context.print(`  ${referenceOf(deployed[name])}`);
      context.print('Argo CD shows the same images after its next synchronisation.');
    },
  },
};

export const usage = [
  'npm run release -- STEP [--flag VALUE, or the variable in the environment]',
  ...Object.entries(steps).map(
    ([name, { purpose, flags: required, optional = [] }]) =>
      `  ${[
        name.padEnd(8),
        ...required.map((flag) => `--${flag} (${flags[flag]})`),
        ...optional.map((flag) => `[--${flag} (${flags[flag]})]`),
      ].join(' ')}\n           ${purpose}`,
  ),
].join('\n');

/** Reads a command line. Returns the step to run, or the problem with the command line. */
export function readStep(
  args: readonly string[],
  context: ReleaseContext,
): { run: () => Promise<void> } | { problem: string } {
  const [name = '', ...rest] = args;
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined) return { problem: name === '' ? 'No step was given.' : `"${name}" is not a step.` };
  try {
    const known = [...step.flags, ...(step.optional ?? [])];
    const options = Object.fromEntries(known.map((flag) => [flag, { type: 'string' as const }]));
    const parsed = parseArgs({ args: rest, options, allowPositionals: false }).values;
    const values = Object.fromEntries(
      Object.entries(flags).map(([flag, variable]) => [flag, parsed[flag] ?? context.env[variable] ?? '']),
    ) as Record<Flag, string>;
    const missing = step.flags.find((flag) => values[flag] === '');
    if (missing !== undefined)
      return { problem: `${name} needs --${missing}, or ${flags[missing]} in the environment.` };
    return { run: () => step.run(values, context) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function gitOf({ root, env }: ReleaseContext): Git {
  return gitIn(root, env);
}

function releaseOf(tag: string, context: ReleaseContext): Promise<Release> {
  return guardRelease(gitOf(context), tag);
}

async function deployedAt(git: Git): Promise<DeployedImages> {
  return imagesAt(git, await fetchMain(git));
}

function open(repository: string, { env }: ReleaseContext): Repository {
  const { REGISTRY_USER: user = '', REGISTRY_TOKEN: password = '' } = env;
  return openRepository(repository, password === '' ? undefined : { user, password });
}

async function verifyAll(
  release: Pick<Release, 'version' | 'revision'>,
  digests: Digests,
  context: ReleaseContext,
): Promise<void> {
  const deployed = await deployedAt(gitOf(context));
  for (const name of imageNames) {
    const repository = open(deployed[name].repository, context);
    const expected = { title: name, version: release.version, revision: release.revision };
    const found = await verifyImage(repository, digests[name], expected);
    context.print(`${repository.name}@${digests[name]} is ${release.version}, for ${found.join(' and ')}.`);
  }
}

async function rollOutVersion(
  kind: RolloutTarget['kind'],
  version: string,
  digests: Digests,
  context: ReleaseContext,
): Promise<void> {
  const { env, print } = context;
  await rollOut({ git: gitOf(context), env, print, target: { version, digests, kind } });
}

function imageName(text: string): ImageName {
  const name = imageNames.find((one) => one === text);
  if (name === undefined)
    throw new Error(`${JSON.stringify(text)} is not an image. Choose one of ${imageNames.join(', ')}.`);
  return name;
}

function platformOf(text: string): Platform {
  const platform = platforms.find((one) => one === text);
  if (platform === undefined)
    throw new Error(`${JSON.stringify(text)} is not a platform. Choose one of ${platforms.join(', ')}.`);
  return platform;
}

function digestFrom(text: string, image: string): string {
  if (digestPattern.test(text)) return text;
  throw new Error(
    `${JSON.stringify(text)} is not a digest of ${image}. A digest is sha256: and 64 hexadecimal digits.`,
  );
}

/** Reads the output of `combine`: `storefront=sha256:… purchase-service=sha256:…`. */
function digestsFrom(text: string): Digests {
  const pairs = new Map(
    text
      .trim()
      .split(/\s+/)
      .map((pair): [string, string] => {
        const [name = '', digest = ''] = pair.split('=');
        return [name, digest];
      }),
  );
  const digest = (name: ImageName): string => digestFrom(pairs.get(name) ?? '', name);
  return { storefront: digest('storefront'), 'purchase-service': digest('purchase-service') };
}

/** Passes values to later steps of a workflow. No value contains the line that ends a value. */
async function output({ env }: ReleaseContext, values: Readonly<Record<string, string>>): Promise<void> {
  const file = env['GITHUB_OUTPUT'];
  if (file === undefined || file === '') return;
  const end = 'end-of-value';
  const text = Object.entries(values).map(([key, value]) => `${key}<<${end}\n${value}\n${end}\n`);
  await appendFile(file, text.join(''));
}
