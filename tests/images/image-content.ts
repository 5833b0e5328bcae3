import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of an image. The path has no leading slash; `modifiedAt` is in seconds since 1970. */
export type ImageFile = { path: string; mode: number; isLink: boolean; modifiedAt: number };

/** Lists all files and links in a folder and its subfolders. */
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

/** Shells, compilers, and programs that download or install something. They would help an attacker. */
const toolPattern =
  /(^|\/)(sh|bash|dash|ash|zsh|busybox|env|apt|apt-get|dpkg|apk|npm|npx|corepack|yarn|pnpm|curl|wget|gcc|cc|perl|python[\d.]*|openssl)$/;

/** The paths of shells, compilers and installers in an image. */
export function toolsAmong(files: readonly ImageFile[]): string[] {
  return files.filter(({ path }) => toolPattern.test(path) && isProgramFolder(path)).map(({ path }) => path);
}

function isProgramFolder(path: string): boolean {
  return /(^|\/)(s?bin|libexec)\//.test(path);
}

/** The paths of files that are setuid, setgid or world-writable. */
export function riskyModesAmong(files: readonly ImageFile[]): string[] {
  return files
    .filter(({ mode, isLink }) => !isLink && (mode & 0o6000 || mode & 0o002))
    .map(({ path }) => path);
}

/** The third-party packages in a folder of an image, by their path in npm's lock file, with their versions. */
export async function installedPackages(root: string, folder: string): Promise<Map<string, string>> {
  const manifests = (await filesBelow(join(root, folder))).filter(({ path }) =>
    // Packages with or without a scope, but not the manifests in subfolders of packages.
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

/** Sources, tests, types and private files of developers. */
const developmentFile =
  /(\.test\.[jt]s|\.[cm]?ts|\.tsx|\.map|\.tsbuildinfo|\.npmrc|\.env|\.pem|\.key|\.log)$|(^|\/)\.git/;

/** The paths of files that are only used for development. */
export function developmentFilesAmong(files: readonly ImageFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => developmentFile.test(path));
}

/** A private key must include content, because programs that read keys contain its first line. */
const secretPattern =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/]{20}|_authToken|_password=|npm_[A-Za-z0-9]{36}/;

/** Whether a text contains something that looks like a secret. */
export function holdsSecret(text: string): boolean {
  return secretPattern.test(text);
}

/** The paths of files that contain something that looks like a secret. */
export async function secretsAmong(root: string, files: readonly ImageFile[]): Promise<string[]> {
  const found: string[] = [];
  for (const { path, isLink } of files)
    if (!isLink && holdsSecret(await readFile(join(root, path), 'latin1'))) found.push(path);
  return found;
}

/** The paths of native programs and libraries. */
export function nativeFilesAmong(files: readonly ImageFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => /\.(node|so(\.\d+)*|dylib|dll|exe)$/.test(path));
}
