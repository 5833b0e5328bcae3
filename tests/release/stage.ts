import { chmod, cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../../tools/programs/error-text.js';
import { exitCodes } from '../../tools/cli/exit-codes.js';
import { projectRoot } from '../../tools/project-root.js';
import { gitIn, type Git } from '../../tools/release/git.js';
import {
  imageNames,
  overlayFile,
  readOverlay,
  type Deployed,
  type ImageName,
} from '../../tools/release/overlay.js';
import { digestFile } from '../../tools/release/publish.js';
import { labelNames, platforms } from '../../tools/release/released-image.js';
import { readStep } from '../../tools/release/steps.js';
import { pushByDigest } from './hand-made-image.js';

/** What a step of a release said, and the exit code of the command that it is. */
export type Played = { code: number; said: string; output: Readonly<Record<string, string>> };

/** A checkout of the project in which a release is made; there may be several. */
export type Workshop = {
  folder: string;
  git: Git;
  /** `npm run release -- …` in this checkout. */
  release: (...args: string[]) => Promise<Played>;
  /** The same, for somebody who does something when a line is said. */
  heardBy: (hear: (line: string) => void) => Workshop['release'];
};

export type Stage = AsyncDisposable & {
  /** The bare repository that stands for the one on GitHub. */
  remote: string;
  workshop: Workshop;
  anotherWorkshop: () => Promise<Workshop>;
  /** Merges a version with its changelog into main and tags it. */
  merge: (version: string, tag?: string) => Promise<{ tag: string; revision: string }>;
  /** What the build jobs do: pushes both images for each platform, and writes down their digests. */
  build: (tag: string, options?: { only?: ImageName; labels?: Record<string, string> }) => Promise<string>;
  /** Tags, builds and publishes a version; resolves to what `bump` wants. */
  prepare: (version: string) => Promise<{ tag: string; digests: string }>;
  /** What the cluster would be told to run. */
  deployed: () => Promise<Deployed>;
  overlay: () => Promise<string>;
  /** How many commits main has. */
  commits: () => Promise<number>;
};

/** Read by a person: who looks at a rehearsal sees what was done, in order, and what came of it. */
export function tell(text: string): void {
  // Digests and commits as long as people compare them.
  process.stdout.write(`${text.replace(/([0-9a-f]{8})(?:[0-9a-f]{56}|[0-9a-f]{32})\b/g, '$1…')}\n`);
}

/** As the project has its version: in its root and in every workspace. */
const versioned = ['package.json', 'storefront/package.json'];

const someone = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

/** The project's own manifests in a repository of their own, whose images are in this registry. */
export async function setStage(registry: string): Promise<Stage> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'rehearsal-')));
  const remote = join(folder, 'remote.git');
  const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  await gitIn(folder, env)('init', '--quiet', '--bare', '--initial-branch=main', remote);

  const openWorkshop = async (name: string): Promise<Workshop> => {
    const checkout = join(folder, name);
    await gitIn(folder, env)('clone', '--quiet', remote, checkout);
    return {
      folder: checkout,
      git: gitIn(checkout, env),
      release: playing(checkout, env),
      heardBy: (hear) =>
        playing(checkout, env, (line) => {
          tell(line);
          hear(line);
        }),
    };
  };

  const author = await openWorkshop('author');
  await layOut(author.folder, registry);
  await author.git('checkout', '--quiet', '-B', 'main');
  await author.git('add', '.');
  await author.git(...someone, 'commit', '--quiet', '--message', 'feat: a shop');
  await author.git('push', '--quiet', 'origin', 'main');
  const workshop = await openWorkshop('workshop');
  const bare = gitIn(remote, env);
  const builder = playing(workshop.folder, env, () => undefined);
  const digestFolder = (tag: string) => join(folder, 'digests', tag);

  const stage: Stage = {
    remote,
    workshop,
    anotherWorkshop: async () => openWorkshop('another'),
    merge: async (version, tag = `v${version}`) => {
      await author.git('pull', '--quiet', '--rebase', 'origin', 'main');
      for (const file of versioned) await writeFile(join(author.folder, file), JSON.stringify({ version }));
      const changelog = join(author.folder, 'CHANGELOG.md');
      const before = await readFile(changelog, 'utf8');
      await writeFile(changelog, before.replace('\n', `\n\n## [${version}]\n\nBetter than before.\n`));
      await author.git('add', '.');
      await author.git(...someone, 'commit', '--quiet', '--message', `feat: what is new in ${version}`);
      await author.git('tag', '--', tag);
      await author.git('push', '--quiet', 'origin', 'main', `refs/tags/${tag}`);
      return { tag, revision: await author.git('rev-parse', 'HEAD') };
    },
    build: async (tag, { only, labels = {} } = {}) => {
      const revision = await author.git('rev-parse', `refs/tags/${tag}^{commit}`);
      const stated = { [labelNames.version]: tag.slice(1), [labelNames.revision]: revision, ...labels };
      for (const name of imageNames.filter((one) => only === undefined || one === only))
        for (const platform of platforms) {
          const repository = `${registry}/unity-purchase/${name}`;
          const own = { [labelNames.title]: name, ...stated };
          const digest = await pushByDigest(repository, { platform, labels: own });
          const place = ['--image', name, '--platform', platform, '--folder', digestFolder(tag)];
          await builder('digest', ...place, '--digest', digest);
          await readFile(join(digestFolder(tag), digestFile(name, platform)));
        }
      tell(
        `    (${only ?? 'both images'} of ${tag}: built for ${platforms.join(' and ')}, pushed without a tag)`,
      );
      return digestFolder(tag);
    },
    prepare: async (version) => {
      const { tag } = await stage.merge(version);
      const digests = await stage.build(tag);
      const published = await workshop.release('combine', '--tag', tag, '--folder', digests);
      return { tag, digests: published.output['digests'] ?? '' };
    },
    overlay: async () => bare('show', `main:${overlayFile}`),
    deployed: async () => readOverlay(await stage.overlay()),
    commits: async () => Number(await bare('rev-list', '--count', 'main')),
    [Symbol.asyncDispose]: async () => rm(folder, { recursive: true, force: true }),
  };
  return stage;
}

/** The manifests as they are, in a project that has nothing else, with the registry's address in place of GitHub's. */
async function layOut(folder: string, registry: string): Promise<void> {
  for (const part of ['base', 'components', 'overlays'])
    await cp(join(projectRoot, 'k8s', part), join(folder, 'k8s', part), { recursive: true });
  await cp(join(projectRoot, 'components'), join(folder, 'components'), { recursive: true });
  const overlay = join(folder, overlayFile);
  const text = await readFile(overlay, 'utf8');
  await writeFile(overlay, text.replaceAll('ghcr.io/', `${registry}/`));
  await mkdir(join(folder, 'storefront'));
  for (const file of versioned) await writeFile(join(folder, file), JSON.stringify({ version: '0.1.0' }));
  await writeFile(join(folder, 'CHANGELOG.md'), '# Changelog\n');
}

function playing(root: string, env: NodeJS.ProcessEnv, telling = tell): Workshop['release'] {
  return async (...args) => {
    telling(`    $ npm run release -- ${args.map(shown).join(' ')}`);
    const said: string[] = [];
    const print = (line: string): void => {
      said.push(line);
      telling(`      ${line.replaceAll('\n', '\n      ')}`);
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
    if (code !== 0) telling(`      (exit code ${code})`);
    const written = await readFile(outputFile, 'utf8').catch(() => '');
    await rm(join(outputFile, '..'), { recursive: true });
    return { code, said: said.join('\n'), output: outputOf(written) };
  };
}

/** As GitHub reads what a step hands on. */
function outputOf(text: string): Record<string, string> {
  const values = [...text.matchAll(/^(.+)<<(.+)\n([\s\S]*?)\n\2$/gm)];
  return Object.fromEntries(values.map(([, name = '', , value = '']) => [name, value]));
}

function shown(arg: string): string {
  return /^[\w./:=-]+$/.test(arg) ? arg : `'${JSON.stringify(arg).slice(1, -1)}'`;
}

/** Makes git run a shell script of ours at this point, from now on. */
export async function setHook(repository: string, hook: string, script: string): Promise<string> {
  const file = join(repository, 'hooks', hook);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
