import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of an image: its path in it, without the leading slash. */
export type ImageFile = { path: string; mode: number; isLink: boolean; modifiedAt: number };

/** Everything in a folder and below it that is no folder. */
export async function filesBelow(root: string, folder = ''): Promise<ImageFile[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<ImageFile[]> => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(root, path);
      const { mode, mtimeMs } = await lstat(join(root, path));
      return [{ path, mode, isLink: entry.isSymbolicLink(), modifiedAt: mtimeMs / 1_000 }];
    }),
  );
  return found.flat();
}

/** Shells, what fetches or installs something, and compilers: whoever breaks in is not to find any of them. */
const toolPattern =
  /(^|\/)(sh|bash|dash|ash|zsh|busybox|env|apt|apt-get|dpkg|apk|npm|npx|corepack|yarn|pnpm|curl|wget|gcc|cc|perl|python[\d.]*|openssl)$/;

/** The programs in an image besides the ones that are expected of it: none of them is needed. */
export function toolsAmong(files: readonly ImageFile[]): string[] {
  return files.filter(({ path }) => toolPattern.test(path) && isProgramFolder(path)).map(({ path }) => path);
}

function isProgramFolder(path: string): boolean {
  return /(^|\/)(s?bin|libexec)\//.test(path);
}

/** Files that change the user or the group of whoever runs them, or that everybody may write to. */
export function riskyModesAmong(files: readonly ImageFile[]): string[] {
  return files
    .filter(({ mode, isLink }) => !isLink && (mode & 0o6000 || mode & 0o002))
    .map(({ path }) => path);
}

/** The packages of other people that are installed below a folder of an image, as npm's lock file names them. */
export async function installedPackages(root: string, folder: string): Promise<Map<string, string>> {
  const manifests = (await filesBelow(join(root, folder))).filter(({ path }) =>
    // A package, or one with a scope; not the manifests that some packages have in their subfolders.
    /(^|\/)node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path),
  );
  const entries = await Promise.all(
    manifests.map(async ({ path }): Promise<[string, string]> => {
      const { version } = JSON.parse(await readFile(join(root, folder, path), 'utf8')) as { version: string };
      return [path.replace(/\/package\.json$/, ''), version];
    }),
  );
  return new Map(entries);
}

/** What only those need who make the services: their sources, tests and types, and what they keep to themselves. */
const ofMakers =
  /(\.test\.[jt]s|\.[cm]?ts|\.tsx|\.map|\.tsbuildinfo|\.npmrc|\.env|\.pem|\.key|\.log)$|(^|\/)\.git/;

/** Files of an image's own part that are not for running it. */
export function makersFilesAmong(files: readonly ImageFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => ofMakers.test(path));
}

/** A key with its content: programs that read keys name what one begins with. */
const secretPattern =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}|_authToken|_password=|npm_[A-Za-z0-9]{36}/;

/** Whether a text holds what looks like a secret. */
export function holdsSecret(text: string): boolean {
  return secretPattern.test(text);
}

/** Files that hold what looks like a secret. */
export async function secretsAmong(root: string, files: readonly ImageFile[]): Promise<string[]> {
  const found: string[] = [];
  for (const { path, isLink } of files)
    if (!isLink && holdsSecret(await readFile(join(root, path), 'latin1'))) found.push(path);
  return found;
}

/** Programs and libraries that run on one kind of processor only. */
export function nativeFilesAmong(files: readonly ImageFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => /\.(node|so(\.\d+)*|dylib|dll|exe)$/.test(path));
}
