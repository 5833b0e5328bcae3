import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploy } from './deploy.js';
import { fetchMain, gitIn, main, type Git } from './git.js';
import { guardRelease, type Release } from './guard.js';
import {
  digestPattern,
  imageNames,
  overlayFile,
  readOverlay,
  referenceOf,
  type Deployed,
  type Digests,
  type ImageName,
} from './overlay.js';
import { digestFile, planImage } from './publish.js';
import { openRepository, type Repository } from './registry.js';
import { platforms, verifyImage, type Platform } from './released-image.js';
import { findReleasedBefore } from './released-before.js';
import { startImage } from './start-image.js';

/** Where a release is made: a checkout, what the environment says, and whom it tells. */
export type World = { root: string; env: NodeJS.ProcessEnv; print: (line: string) => void };

/** Each flag with the variable that stands in for it: in a workflow everything comes by environment. */
const flags = {
  tag: 'RELEASE_TAG',
  image: 'IMAGE',
  platform: 'PLATFORM',
  digest: 'DIGEST',
  digests: 'DIGESTS',
  folder: 'DIGEST_FOLDER',
  reference: 'REFERENCE',
  to: 'ROLLBACK_TO',
} as const;
type Flag = keyof typeof flags;

export type Step = (given: Readonly<Record<Flag, string>>, world: World) => Promise<void>;

/** The steps of a release in their order, each of which a workflow runs and anybody can run. */
export const steps: Readonly<Record<string, { purpose: string; flags: readonly Flag[]; run: Step }>> = {
  guard: {
    purpose: 'Let only a tag through that may be released',
    flags: ['tag'],
    run: async ({ tag }, world) => {
      const release = await releaseOf(tag, world);
      world.print(`${tag} may be released: version ${release.version} of commit ${release.revision}.`);
      await output(world, { version: release.version, revision: release.revision });
    },
  },
  arguments: {
    purpose: 'Say by what name and with which arguments of the Dockerfile an image is built',
    flags: ['tag', 'image'],
    run: async ({ tag, image }, world) => {
      const { version, revision, createdAt } = await releaseOf(tag, world);
      const name = imageName(image);
      const { repository } = (await deployedAt(gitOf(world)))[name];
      const given = { SERVICE: name, VERSION: version, REVISION: revision, CREATED: createdAt };
      const lines = Object.entries(given).map(([key, value]) => `${key}=${value}`);
      for (const line of [repository, ...lines]) world.print(line);
      const epoch = String(Date.parse(createdAt) / 1_000);
      await output(world, { repository, arguments: lines.join('\n'), epoch });
    },
  },
  digest: {
    purpose: 'Write down which digest was pushed for one platform',
    flags: ['image', 'platform', 'digest', 'folder'],
    run: async ({ image, platform, digest, folder }, { print }) => {
      const file = join(folder, digestFile(imageName(image), platformOf(platform)));
      await mkdir(folder, { recursive: true });
      await writeFile(file, `${digestFrom(digest, image)}\n`);
      print(`${file}: ${digest}`);
    },
  },
  combine: {
    purpose: 'Give both images the version, each as one index of all platforms',
    flags: ['tag', 'folder'],
    run: async ({ tag, folder }, world) => {
      const release = await releaseOf(tag, world);
      const deployed = await deployedAt(gitOf(world));
      const planned = [];
      for (const image of imageNames) {
        const { repository } = deployed[image];
        planned.push({
          image,
          repository,
          ...(await planImage(open(repository, world), image, release, folder)),
        });
      }
      for (const { repository, digest, isNew, publish } of planned) {
        await publish();
        const kept = isNew ? 'published' : 'is there already, made of this commit: kept';
        world.print(`${repository}:${release.version}@${digest} ${kept}`);
      }
      const images = planned.map(({ image, repository, digest }) => ({ image, repository, digest }));
      // One for the steps that follow, and one for a job for each image.
      const digests = images.map(({ image, digest }) => `${image}=${digest}`).join(' ');
      await output(world, { digests, images: JSON.stringify(images) });
    },
  },
  verify: {
    purpose: 'Look whether both images are in the registry, whole, and made of this release',
    flags: ['tag', 'digests'],
    run: async ({ tag, digests }, world) => {
      await verifyAll(await releaseOf(tag, world), digestsFrom(digests), world);
    },
  },
  start: {
    purpose: 'Start an image, with Docker, as far as it comes without its configuration',
    flags: ['reference'],
    run: async ({ reference }, { env, print }) => {
      await startImage(reference, env);
      print(`${reference} starts, and says what it lacks.`);
    },
  },
  bump: {
    purpose: 'Deploy both images: one commit on main, which the cluster follows',
    flags: ['tag', 'digests'],
    run: async ({ tag, digests: given }, world) => {
      const release = await releaseOf(tag, world);
      const digests = digestsFrom(given);
      await verifyAll(release, digests, world);
      await deployAs('release', release.version, digests, world);
    },
  },
  rollback: {
    purpose: 'Deploy an earlier released version again',
    flags: ['to'],
    run: async ({ to }, world) => {
      const { release, digests } = await findReleasedBefore(gitOf(world), to, (name) => open(name, world));
      await verifyAll(release, digests, world);
      await deployAs('rollback', to, digests, world);
    },
  },
  confirm: {
    purpose: 'Say which images the cluster is to run',
    flags: [],
    run: async (_given, world) => {
      const deployed = await deployedAt(gitOf(world));
      world.print(`${main.branch} deploys:`);
      for (const name of imageNames) world.print(`  ${referenceOf(deployed[name])}`);
      world.print('Argo CD shows the same images once it has synchronised.');
    },
  },
};

export const usage = [
  'npm run release -- STEP [--flag VALUE, or its variable in the environment]',
  ...Object.entries(steps).map(
    ([name, { purpose, flags: needed }]) =>
      `  ${[name.padEnd(8), ...needed.map((flag) => `--${flag} (${flags[flag]})`)].join(' ')}\n           ${purpose}`,
  ),
].join('\n');

/** Reads a command line into what it asks for, or why it asks for nothing that there is. */
export function readStep(
  args: readonly string[],
  world: World,
): { run: () => Promise<void> } | { problem: string } {
  const [name = '', ...rest] = args;
  const step = Object.hasOwn(steps, name) ? steps[name] : undefined;
  if (step === undefined) return { problem: name === '' ? 'Which step?' : `There is no step "${name}".` };
  try {
    const options = Object.fromEntries(step.flags.map((flag) => [flag, { type: 'string' as const }]));
    const { values } = parseArgs({ args: rest, options, allowPositionals: false });
    const given = Object.fromEntries(
      Object.entries(flags).map(([flag, variable]) => [flag, values[flag] ?? world.env[variable] ?? '']),
    ) as Record<Flag, string>;
    const missing = step.flags.find((flag) => given[flag] === '');
    if (missing !== undefined)
      return { problem: `${name} needs --${missing}, or ${flags[missing]} in the environment.` };
    return { run: () => step.run(given, world) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function gitOf({ root, env }: World): Git {
  return gitIn(root, env);
}

function releaseOf(tag: string, world: World): Promise<Release> {
  return guardRelease(gitOf(world), tag);
}

async function deployedAt(git: Git): Promise<Deployed> {
  return readOverlay(await git('show', `${await fetchMain(git)}:${overlayFile}`));
}

function open(repository: string, { env }: World): Repository {
  const { REGISTRY_USER: user = '', REGISTRY_TOKEN: password = '' } = env;
  return openRepository(repository, password === '' ? undefined : { user, password });
}

async function verifyAll(
  release: Pick<Release, 'version' | 'revision'>,
  digests: Digests,
  world: World,
): Promise<void> {
  const deployed = await deployedAt(gitOf(world));
  for (const name of imageNames) {
    const repository = open(deployed[name].repository, world);
    const stated = { title: name, version: release.version, revision: release.revision };
    const found = await verifyImage(repository, digests[name], stated);
    world.print(`${repository.name}@${digests[name]} is ${release.version}, for ${found.join(' and ')}.`);
  }
}

async function deployAs(
  way: 'release' | 'rollback',
  version: string,
  digests: Digests,
  world: World,
): Promise<void> {
  const { env, print } = world;
  await deploy({ git: gitOf(world), env, print, wanted: { version, digests, way } });
}

function imageName(text: string): ImageName {
  const name = imageNames.find((one) => one === text);
  if (name === undefined)
    throw new Error(`There is no image ${JSON.stringify(text)}: choose one of ${imageNames.join(', ')}.`);
  return name;
}

function platformOf(text: string): Platform {
  const platform = platforms.find((one) => one === text);
  if (platform === undefined)
    throw new Error(`There is no platform ${JSON.stringify(text)}: choose one of ${platforms.join(', ')}.`);
  return platform;
}

function digestFrom(text: string, image: string): string {
  if (digestPattern.test(text)) return text;
  throw new Error(
    `The digest of ${image} is ${JSON.stringify(text)}, which is none: it is sha256: and 64 hexadecimal digits.`,
  );
}

/** `storefront=sha256:… purchase-service=sha256:…`, as `combine` gives it. */
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

/** Hands values to later steps of a workflow. None of them can hold the line that ends a value of several lines. */
async function output({ env }: World, values: Readonly<Record<string, string>>): Promise<void> {
  const file = env['GITHUB_OUTPUT'];
  if (file === undefined || file === '') return;
  const end = 'end-of-value';
  const text = Object.entries(values).map(([key, value]) => `${key}<<${end}\n${value}\n${end}\n`);
  await appendFile(file, text.join(''));
}
