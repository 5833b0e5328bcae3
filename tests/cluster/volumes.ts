import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RealCluster } from './nodes/real-cluster.js';

/** More than any claim of a plain server. */
const size = '2Gi';

/** Gives the cluster named volumes in folders of its first node, because nothing here creates them when they are claimed. */
export async function createVolumes(
  { controlPlane, nodes: [node] }: RealCluster,
  names: readonly string[],
): Promise<void> {
  if (node === undefined) throw new Error('the cluster has no nodes');
  for (const name of names) await mkdir(pathOf(node.folder, name), { recursive: true });
  await controlPlane.apply(
    names
      .map((name) =>
        stringify({
          apiVersion: 'v1',
          kind: 'PersistentVolume',
          metadata: { name },
          spec: {
            capacity: { storage: size },
            accessModes: ['ReadWriteOnce'],
            persistentVolumeReclaimPolicy: 'Retain',
            local: { path: pathOf(node.folder, name) },
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [
                  {
                    matchExpressions: [
                      { key: 'kubernetes.io/hostname', operator: 'In', values: [node.name] },
                    ],
                  },
                ],
              },
            },
          },
        }),
      )
      .join('---\n'),
  );
}

/** Deletes volumes with their data. Their claims must be gone. */
export async function deleteVolumes(
  { controlPlane, nodes: [node] }: RealCluster,
  names: readonly string[],
): Promise<void> {
  if (node === undefined) throw new Error('the cluster has no nodes');
  await controlPlane.kubectl(['delete', 'persistentvolume', ...names, '--ignore-not-found', '--wait']);
  for (const name of names) await rm(pathOf(node.folder, name), { recursive: true, force: true });
}

function pathOf(folder: string, name: string): string {
  return join(folder, 'volumes', name);
}
