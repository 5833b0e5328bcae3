import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The parents of all pods of this test. Kubelets end processes that they find in their control group and do not know, so each node
 * needs one of its own.
 */
const parent = 'unity-purchase-cluster';

const root = '/sys/fs/cgroup';

/** The control group of a node, as kubelet's settings name it. */
export function controlGroupOf(node: string): string {
  return `/${parent}/${node}`;
}

/** Creates the control groups of some nodes. Those of an earlier run that was killed are used again. */
export async function createControlGroups(nodes: readonly string[]): Promise<void> {
  for (const controller of await controllers())
    for (const path of [parent, ...nodes.map((node) => join(parent, node))]) {
      const folder = join(root, controller, path);
      await mkdir(folder, { recursive: true });
      // A new group of version 1 has no processors, and no process can join it.
      if (controller === 'cpuset')
        for (const file of ['cpuset.cpus', 'cpuset.mems'])
          await writeFile(join(folder, file), await readFile(join(folder, '..', file), 'utf8'));
    }
}

/** Removes the control groups of all nodes, after their processes have ended. */
export async function removeControlGroups(): Promise<void> {
  for (const controller of await controllers()) await removeGroup(join(root, controller, parent));
}

/** The folders of version 1's controllers, or none of version 2, which has one tree for all of them. */
async function controllers(): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const isVersion2 = entries.some(({ name }) => name === 'cgroup.controllers');
  return isVersion2 ? [''] : entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function removeGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
  await rmdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
}
