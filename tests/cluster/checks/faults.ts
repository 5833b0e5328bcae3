import { productNamespace } from '../../kubernetes/network/parties.js';
import type { RealCluster } from '../nodes/real-cluster.js';

/** Lets every app publish, until `use` is done. */
export async function withoutScopes<T>({ controlPlane }: RealCluster, use: () => Promise<T>): Promise<T> {
  const object = ['--namespace', productNamespace, 'component.dapr.io', 'pubsub'];
  const scopes = await controlPlane.kubectl(['get', ...object, '--output', 'jsonpath={.scopes}']);
  const patch = (change: object) =>
    controlPlane.kubectl(['patch', ...object, '--type', 'json', '--patch', JSON.stringify([change])]);
  await patch({ op: 'remove', path: '/scopes' });
  try {
    return await use();
  } finally {
    await patch({ op: 'add', path: '/scopes', value: JSON.parse(scopes) as unknown });
  }
}
