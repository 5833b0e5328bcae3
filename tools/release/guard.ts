import { z } from 'zod';
import { commitOfTag, fetchMain, isAncestor, main, type Git } from './git.js';
import { hostOf, installationFile, readInstallation } from './installation.js';
import { versionOfTag } from './release-version.js';
import { releaseWorkflow, signInHosts } from './workflow-sign-in.js';

/** A tag that may be released. `revision` is its commit, `createdAt` the time of the commit in ISO 8601 (UTC). */
export type Release = { tag: string; version: string; revision: string; createdAt: string };

const packageSchema = z.object({ version: z.string() });

/**
 * Checks that a tag may be released: it is `vX.Y.Z`, its commit is on `main`, every package.json of the commit has this
 * version, and its CHANGELOG.md has a section about it. The release workflow must sign in at the registry of the installation.
 * Everything is read from commits, not from the checkout. Rejects with the reason and what to do.
 */
export async function guardRelease(git: Git, tag: string): Promise<Release> {
  const version = versionOfTag(tag);
  const newest = await fetchMain(git);
  const revision = await commitOfTag(git, tag);
  if (revision === undefined)
    throw new Error(`${main.remote} has no tag ${tag}. Push it first: git push ${main.remote} ${tag}`);
  if (!(await isAncestor(git, revision, newest)))
    throw new Error(
      `The tag ${tag} is not on ${main.branch}. Merge its commit first, then release a new version.`,
    );
  for (const [file, stated] of await versionsAt(git, revision))
    if (stated !== version)
      throw new Error(
        `The tag is ${version}, but ${file} in its commit has version ${stated}. Set the version there first, or tag a commit that has it.`,
      );
  if (!hasSection(await changelogAt(git, revision), version))
    throw new Error(
      `CHANGELOG.md in the commit of ${tag} has no section "## [${version}]" with text. Describe the changes there, and tag that commit.`,
    );
  await requireSignIn(git, revision, newest);
  // In UTC, because the author's time zone would change the text but not the time.
  const seconds = Number(await git('show', '--no-patch', '--format=%ct', revision));
  return { tag, version, revision, createdAt: new Date(seconds * 1_000).toISOString() };
}

/** Rejects if the release workflow of a commit cannot publish to the registry that the newest installation names. */
async function requireSignIn(git: Git, revision: string, newest: string): Promise<void> {
  const { registry } = readInstallation(await git('show', `${newest}:${installationFile}`));
  const workflow = await git('show', `${revision}:${releaseWorkflow}`).catch(() => 'jobs: {}');
  const others = signInHosts(workflow).filter((host) => host !== hostOf(registry));
  if (others.length > 0)
    throw new Error(
      `${installationFile} has REGISTRY=${registry}, but ${releaseWorkflow} signs in at ${others.join(', ')}. ` +
        'Name the same host in both, with a user and a password that it accepts, and tag that commit.',
    );
}

/** The version in every package.json of a commit. */
async function versionsAt(git: Git, revision: string): Promise<[file: string, version: string][]> {
  const files = (await git('ls-tree', '-r', '--name-only', revision)).split('\n');
  const found: [string, string][] = [];
  for (const file of files.filter((name) => /(?:^|\/)package\.json$/.test(name)))
    found.push([file, packageSchema.parse(JSON.parse(await git('show', `${revision}:${file}`))).version]);
  return found;
}

async function changelogAt(git: Git, revision: string): Promise<string> {
  return git('show', `${revision}:CHANGELOG.md`).catch(() => '');
}

/** Whether there is a section `## 1.2.0` or `## [1.2.0]`, with or without a date, with text. Headings and links do not count. */
function hasSection(changelog: string, version: string): boolean {
  return changelog.split(/^## /m).some((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const named = /^\[?([^\s\]]+)/.exec(heading)?.[1];
    return named === version && lines.some((line) => /^(?!#|\[[^\]]+\]: )\S/.test(line.trim()));
  });
}
