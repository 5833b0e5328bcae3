import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';

/** Folders whose pages, at any depth, are documentation, in addition to the root's. */
const folders = ['docs', 'k8s', 'packages'];

/** A page's source; `path` is relative to the project root. */
export type Page = { path: string; text: string };

/** Every page of the documentation. */
export async function readPages(): Promise<Page[]> {
  const found = [
    ...(await readdir(projectRoot)),
    ...(
      await Promise.all(
        folders.map(async (folder) => {
          const entries = await readdir(join(projectRoot, folder), { recursive: true });
          return entries.map((entry) => `${folder}/${entry}`);
        }),
      )
    ).flat(),
  ];
  const paths = found.filter((path) => path.endsWith('.md') && !path.includes('node_modules/')).sort();
  return Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(projectRoot, path), 'utf8') })),
  );
}
