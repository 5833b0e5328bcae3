import type { ApiClient } from '../kubernetes/control-plane/api-client.js';
import { namespace } from './deployed.js';

/** The fields of a pod that a run uses. */
export type Pod = {
  name: string;
  ip: string;
  labels: Readonly<Record<string, string>>;
  ports: readonly { container: string; name: string; number: number }[];
};

type PodList = {
  items: {
    metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
    spec: { containers: { name: string; ports?: { name?: string; containerPort: number }[] }[] };
    status: { podIP?: string; conditions?: { type: string; status: string }[] };
  }[];
};

/** The pods of a service that are ready and not being deleted. */
export async function readyPods(client: ApiClient, service: string): Promise<Pod[]> {
  const selector = encodeURIComponent(`app.kubernetes.io/name=${service}`);
  const { items } = await client.getJson<PodList>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`,
  );
  return items.flatMap(({ metadata, spec, status }) => {
    const isReady =
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
    if (!isReady || metadata.deletionTimestamp !== undefined || status.podIP === undefined) return [];
    const ports = spec.containers.flatMap(({ name: container, ports: all = [] }) =>
      all.map(({ name = '', containerPort }) => ({ container, name, number: containerPort })),
    );
    return [{ name: metadata.name, ip: status.podIP, labels: metadata.labels ?? {}, ports }];
  });
}
