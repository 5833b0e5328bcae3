import { waitUntil } from '@unity-purchase/tools';
import { productNamespace } from '../../kubernetes/network/parties.js';
import { services } from '../checks/sidecars.js';
import type { RealCluster } from '../nodes/real-cluster.js';

/** Runs kubectl in the product's namespace. */
export type Kubectl = (...args: string[]) => Promise<string>;

const pausedReplicas = 'autoscaling.keda.sh/paused-replicas';

const closedWithinMs = 120_000;
const readyTimeout = '--timeout=170s';
const kubectlTimeoutMs = 180_000;

export function productKubectl({ controlPlane: { kubectl } }: RealCluster): Kubectl {
  return (...args) => kubectl(['--namespace', productNamespace, ...args], { timeoutMs: kubectlTimeoutMs });
}

/** Lets KEDA scale a service to zero, and waits until it has no pods. */
export async function close(kubectl: Kubectl, service: string): Promise<void> {
  await kubectl('annotate', 'scaledobject', service, `${pausedReplicas}=0`, '--overwrite');
  await waitUntil(async () => {
    const selector = `app.kubernetes.io/name=${service}`;
    const pods = await kubectl('get', 'pods', '--selector', selector, '--output', 'name');
    return pods === '' || `the ${service} still has pods`;
  }, closedWithinMs);
}

/** Gives both services back to KEDA, and waits until they are ready. */
export async function open(kubectl: Kubectl): Promise<void> {
  await kubectl('annotate', 'scaledobject', ...services, `${pausedReplicas}-`);
  for (const service of services) {
    await waitUntil(async () => {
      const replicas = await kubectl('get', 'deployment', service, '--output', 'jsonpath={.spec.replicas}');
      return replicas !== '0' || `KEDA keeps the ${service} at zero`;
    }, closedWithinMs);
    await kubectl('rollout', 'status', `deployment/${service}`, readyTimeout);
  }
}
