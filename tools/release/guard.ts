import { z } from 'zod';
import { commitOfTag, fetchMain, isAncestor, main, type Git } from './git.js';
import { versionOfTag } from './release-version.js';

/** What is going to be released. */
export type Release = { tag: string; version: string; revision: string; createdAt: string };

const packageSchema = z.object({ version: z.string() });

/**
 * Lets a tag through that may be released: `vX.Y.Z`, of a commit that is on `main`, where every package.json has this version
 * and CHANGELOG.md says what is new. All of it is read from the commit, not from the files beside this script. Rejects, saying
 * what to do, otherwise.
 */
export async function guardRelease(git: Git, tag: string): Promise<Release> {
  const version = versionOfTag(tag);
  const newest = await fetchMain(git);
  const revision = await commitOfTag(git, tag);
  if (revision === undefined)
    throw new Error(
      `There is no tag ${tag} in ${main.remote}. Push it first: git push ${main.remote} ${tag}`,
    );
  if (!(await isAncestor(git, revision, newest)))
    throw new Error(
      `The tag ${tag} is not on ${main.branch}: what it holds was never merged. Merge it, and release a new version.`,
    );
  for (const [file, stated] of await versionsAt(git, revision))
    if (stated !== version)
      throw new Error(
        `The tag says ${version}, ${file} in its commit ${stated}. Set the version there first, or tag the commit that has it.`,
      );
  if (!hasSection(await changelogAt(git, revision), version))
    throw new Error(
      `CHANGELOG.md in the commit of ${tag} has no section "## [${version}]" that says anything. Write what is new for those who upgrade, and tag that commit.`,
    );
  // With the time zone of whoever committed it would be another text for the same moment.
  const seconds = Number(await git('show', '--no-patch', '--format=%ct', revision));
  return { tag, version, revision, createdAt: new Date(seconds * 1_000).toISOString() };
}

/** The version that every package.json says: one for the whole project, or somebody has left a workspace behind. */
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

/** `## 1.2.0` or `## [1.2.0]`, with or without a date, and with words below it: headings and addresses alone say nothing. */
function hasSection(changelog: string, version: string): boolean {
  return changelog.split(/^## /m).some((section) => {
    const [heading = '', ...lines] = section.split('\n');
    const named = /^\[?([^\s\]]+)/.exec(heading)?.[1];
    return named === version && lines.some((line) => /^(?!#|\[[^\]]+\]: )\S/.test(line.trim()));
  });
}
