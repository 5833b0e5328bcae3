import type { Manifest } from '../rendering/render.js';

type Container = { name: string; image: string; restartPolicy?: string; securityContext?: unknown };

export type Pod = Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'> & {
  spec: { containers: Container[]; initContainers?: Container[] };
};

/** The pod of a Deployment, with this image. */
export function podOf(deployment: Manifest, image: string): Pod {
  const { metadata, spec } = (deployment['spec'] as { template: Pod }).template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `${deployment.metadata.name}-1`, namespace: 'purchase-system' },
    spec: { ...spec, containers: spec.containers.map((container) => ({ ...container, image })) },
  };
}

/** The pod with a native sidecar, reduced to the fields that the policies read. */
export function withSidecar(pod: Pod): Pod {
  return withInitContainer(pod, {
    name: 'daprd',
    image: 'ghcr.io/dapr/daprd:1.18.3',
    restartPolicy: 'Always',
  });
}

/** The pod with a further init container, which has the security context of the first container. */
export function withInitContainer(pod: Pod, container: Container): Pod {
  const { containers, initContainers = [] } = pod.spec;
  const securityContext = containers[0]?.securityContext;
  return {
    ...pod,
    spec: { ...pod.spec, initContainers: [...initContainers, { securityContext, ...container }] },
  };
}

/** The pod with another image in its first container. */
export function withImage(pod: Pod, image: string): Pod {
  const [first, ...rest] = pod.spec.containers;
  return first === undefined
    ? pod
    : { ...pod, spec: { ...pod.spec, containers: [{ ...first, image }, ...rest] } };
}

/** The pod without labels, which is no longer a service. */
export function withoutLabels(pod: Pod): Pod {
  return { ...pod, metadata: { ...pod.metadata, labels: {} } };
}
