import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { errorText } from '../../tools/programs/error-text.js';
import { exitCodes } from '../../tools/cli/exit-codes.js';
import { projectRoot } from '../../tools/project-root.js';
import { gitIn, type Git } from '../../tools/release/git.js';
import {
  imageNames,
  imagesAt,
  imagesFile,
  type DeployedImages,
  type ImageName,
} from '../../tools/release/deployed-images.js';
import { installationFile } from '../../tools/release/installation.js';
import { digestFile } from '../../tools/release/publish.js';
import { labelNames, platforms } from '../../tools/release/released-image.js';
import { readStep } from '../../tools/release/steps.js';
import { releaseWorkflow } from '../../tools/release/workflow-sign-in.js';
import { pushByDigest } from './hand-made-image.js';

/** What a step of a release printed, its exit code, and its outputs for later steps of a workflow. */
export type StepResult = { code: number; printed: string; output: Readonly<Record<string, string>> };

/** A checkout of the project from which releases are made. There may be several. */
export type Checkout = {
  folder: string;
  git: Git;
  /** Runs `npm run release -- …` in this checkout. */
  release: (...args: string[]) => Promise<StepResult>;
  /** As `release`, with a function that is called with each printed line. */
  releaseWith: (onLine: (line: string) => void) => Checkout['release'];
};

export type Stage = AsyncDisposable & {
  /** The bare repository that replaces the one on GitHub. */
  remote: string;
  checkout: Checkout;
  openAnotherCheckout: () => Promise<Checkout>;
  /** Merges a version with its changelog into main and tags it. */
  merge: (version: string, tag?: string) => Promise<{ tag: string; revision: string }>;
  /** Does what the build jobs do: pushes both images for each platform, and records their digests. */
  build: (tag: string, options?: { only?: ImageName; labels?: Record<string, string> }) => Promise<string>;
  /** Replaces text in a file and pushes that to main. The function that it resolves to takes it back. */
  change: (file: string, pattern: RegExp | string, replacement: string) => Promise<() => Promise<void>>;
  /** Tags, builds and publishes a version. Resolves to the arguments of `bump`. */
  prepare: (version: string) => Promise<{ tag: string; digests: string }>;
  /** The images that `main` deploys. */
  deployed: () => Promise<DeployedImages>;
  /** The text of the kustomization that lists them. */
  imagesText: () => Promise<string>;
  /** What git says about the branch of production, whose name ends the command. */
  inProduction: Git;
  /** The number of commits on `main`. */
  commits: () => Promise<number>;
};

/** Prints a line of the transcript: what was done, in order, and with which result. */
export function printTranscript(text: string): void {
  // Shortens digests and commits.
  process.stdout.write(`${text.replace(/([0-9a-f]{8})(?:[0-9a-f]{56}|[0-9a-f]{32})\b/g, '$1…')}\n`);
}

/** The files that contain the version: in the project, those of the root and of every workspace. */
const versioned = ['package.json', 'storefront/package.json'];

const ada = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

/** Sets up a repository with the project's own manifests, whose images are in this registry, and a checkout of it. */
export async function setUpStage(registry: string): Promise<Stage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'rehearsal-')));
  const remote = join(folder, 'remote.git');
  const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  await gitIn(folder, env)('init', '--quiet', '--bare', '--initial-branch=main', remote);

  const openCheckout = async (name: string): Promise<Checkout> => {
    const checkout = join(folder, name);
    await gitIn(folder, env)('clone', '--quiet', remote, checkout);
    return {
      folder: checkout,
      git: gitIn(checkout, env),
      release: runSteps(checkout, env),
      releaseWith: (onLine) =>
        runSteps(checkout, env, (line) => {
          printTranscript(line);
          onLine(line);
        }),
    };
  };

  const author = await openCheckout('author');
  await copyManifests(author.folder, registry);
  await author.git('checkout', '--quiet', '-B', 'main');
  await author.git('add', '.');
  await author.git(...ada, 'commit', '--quiet', '--message', 'feat: a shop');
  await author.git('push', '--quiet', 'origin', 'main');
  const checkout = await openCheckout('checkout');
  const bare = gitIn(remote, env);
  const builder = runSteps(checkout.folder, env, () => undefined);
  const digestFolder = (tag: string) => join(folder, 'digests', tag);

  const stage: Stage = {
    remote,
    checkout,
    openAnotherCheckout: async () => openCheckout('another'),
    merge: async (version, tag = `v${version}`) => {
      await author.git('pull', '--quiet', '--rebase', 'origin', 'main');
      for (const file of versioned) await writeFile(join(author.folder, file), JSON.stringify({ version }));
      const changelog = join(author.folder, 'CHANGELOG.md');
      const before = await readFile(changelog, 'utf8');
      await writeFile(changelog, before.replace('\n', `\n\n## [${version}]\n\nBetter than before.\n`));
      await author.git('add', '.');
      await author.git(...ada, 'commit', '--quiet', '--message', `feat: what is new in ${version}`);
      await author.git('tag', '--', tag);
      await author.git('push', '--quiet', 'origin', 'main', `refs/tags/${tag}`);
      return { tag, revision: await author.git('rev-parse', 'HEAD') };
    },
    build: async (tag, { only, labels = {} } = {}) => {
      const revision = await author.git('rev-parse', `refs/tags/${tag}^{commit}`);
      const labelsOfRelease = {
        [labelNames.version]: tag.slice(1),
        [labelNames.revision]: revision,
        ...labels,
      };
      for (const name of imageNames.filter((one) => only === undefined || one === only))
        for (const platform of platforms) {
          const repository = `${registry}/unity-purchase/${name}`;
          const allLabels = { [labelNames.title]: name, ...labelsOfRelease };
          const digest = await pushByDigest(repository, { platform, labels: allLabels });
          const flags = ['--image', name, '--platform', platform, '--folder', digestFolder(tag)];
          await builder('digest', ...flags, '--digest', digest);
          await readFile(join(digestFolder(tag), digestFile(name, platform)));
        }
      printTranscript(
        `    (${only ?? 'both images'} of ${tag}: built for ${platforms.join(' and ')}, pushed without a tag)`,
      );
      return digestFolder(tag);
    },
    change: async (file, pattern, replacement) => {
      await author.git('pull', '--quiet', '--rebase', 'origin', 'main');
      const path = join(author.folder, file);
      const before = await readFile(path, 'utf8');
      await writeFile(path, before.replace(pattern, replacement));
      await author.git(...ada, 'commit', '--quiet', '--all', '--message', `fix: ${file}`);
      await author.git('push', '--quiet', 'origin', 'main');
      const commit = await author.git('rev-parse', 'HEAD');
      return async () => {
        await author.git('pull', '--quiet', '--rebase', 'origin', 'main');
        await author.git(...ada, 'revert', '--no-edit', commit);
        await author.git('push', '--quiet', 'origin', 'main');
      };
    },
    prepare: async (version) => {
      const { tag } = await stage.merge(version);
      const digests = await stage.build(tag);
      const published = await checkout.release('combine', '--tag', tag, '--folder', digests);
      return { tag, digests: published.output['digests'] ?? '' };
    },
    imagesText: async () => bare('show', `main:${imagesFile}`),
    deployed: async () => imagesAt(bare, 'main'),
    inProduction: async (...args) => bare(...args, 'production'),
    commits: async () => Number(await bare('rev-list', '--count', 'main')),
    [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, force: true }),
  };
  return stage;
}

/** Copies the project's manifests and its release workflow, with this registry and the branches of the rehearsal. */
async function copyManifests(folder: string, registry: string): Promise<void> {
  for (const part of ['base', 'components', 'installation', 'overlays', 'release'])
    await cp(join(projectRoot, 'k8s', part), join(folder, 'k8s', part), { recursive: true });
  await cp(join(projectRoot, 'components'), join(folder, 'components'), { recursive: true });
  const installation = join(folder, installationFile);
  const text = await readFile(installation, 'utf8');
  const values = { REGISTRY: `${registry}/unity-purchase`, BRANCH: 'main', PRODUCTION_BRANCH: 'production' };
  await writeFile(
    installation,
    Object.entries(values).reduce(
      (changed, [key, value]) => changed.replace(new RegExp(`^${key}=.*$`, 'm'), `${key}=${value}`),
      text,
    ),
  );
  const workflow = await readFile(join(projectRoot, releaseWorkflow), 'utf8');
  await mkdir(join(folder, dirname(releaseWorkflow)), { recursive: true });
  await writeFile(
    join(folder, releaseWorkflow),
    workflow.replaceAll(/registry: .+/g, `registry: ${registry}`),
  );
  await mkdir(join(folder, 'storefront'));
  for (const file of versioned) await writeFile(join(folder, file), JSON.stringify({ version: '0.1.0' }));
  await writeFile(join(folder, 'CHANGELOG.md'), '# Changelog\n');
  await writeFile(join(folder, 'README.md'), 'A shop.\n');
}

function runSteps(root: string, env: NodeJS.ProcessEnv, show = printTranscript): Checkout['release'] {
  return async (...args) => {
    show(`    $ npm run release -- ${args.map(quoted).join(' ')}`);
    const lines: string[] = [];
    const print = (line: string): void => {
      lines.push(line);
      show(`      ${line.replaceAll('\n', '\n      ')}`);
    };
    const outputFile = join(await mkdtemp(join(tmpdir(), 'rehearsal-output-')), 'output');
    const read = readStep(args, { root, env: { ...env, GITHUB_OUTPUT: outputFile }, print });
    let code = 0;
    if ('problem' in read) {
      print(read.problem);
      code = exitCodes.usageError;
    } else {
      await read.run().catch((error: unknown) => {
        print(errorText(error));
        code = exitCodes.failed;
      });
    }
    if (code !== 0) show(`      (exit code ${code})`);
    const written = await readFile(outputFile, 'utf8').catch(() => '');
    await rm(join(outputFile, '..'), { recursive: true });
    return { code, printed: lines.join('\n'), output: outputOf(written) };
  };
}

/** Reads the outputs of a step as GitHub does. */
function outputOf(text: string): Record<string, string> {
  const values = [...text.matchAll(/^(.+)<<(.+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(values.map(([, name = '', , value = '']) => [name, value]));
}

function quoted(arg: string): string {
  return /^[\w./:=-]+$/.test(arg) ? arg : `'${JSON.stringify(arg).slice(1, -1)}'`;
}

/** Installs a shell script as one of git's hooks. */
export async function setHook(repository: string, hook: string, script: string): Promise<string> {
  const file = join(repository, 'hooks', hook);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
