import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';

/** Strict, because Kubernetes drops unknown fields, and the rest of the policy would allow more or less than intended. */
const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.discriminatedUnion('operator', [
        z.strictObject({
          key: z.string(),
          operator: z.enum(['In', 'NotIn']),
          values: z.array(z.string()).min(1),
        }),
        z.strictObject({ key: z.string(), operator: z.enum(['Exists', 'DoesNotExist']) }),
      ]),
    )
    .optional(),
});

const peer = z.union([
  z.strictObject({
    ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }),
  }),
  z
    .strictObject({ podSelector: labelSelector.optional(), namespaceSelector: labelSelector.optional() })
    .refine(({ podSelector, namespaceSelector }) => podSelector ?? namespaceSelector, {
      error: 'a peer needs a selector',
    }),
]);

const policyPort = z.strictObject({
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional(),
  port: z.union([z.number(), z.string()]).optional(),
  endPort: z.number().optional(),
});

const networkPolicy = z.object({
  apiVersion: z.literal('networking.k8s.io/v1'),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.strictObject({
    podSelector: labelSelector.optional(),
    policyTypes: z.array(z.enum(['Ingress', 'Egress'])).optional(),
    ingress: z
      .array(z.strictObject({ from: z.array(peer).optional(), ports: z.array(policyPort).optional() }))
      .optional(),
    egress: z
      .array(z.strictObject({ to: z.array(peer).optional(), ports: z.array(policyPort).optional() }))
      .optional(),
  }),
});

export type LabelSelector = z.infer<typeof labelSelector>;
export type Peer = z.infer<typeof peer>;
export type PolicyPort = z.infer<typeof policyPort>;
export type NetworkPolicy = z.infer<typeof networkPolicy>;

/** The network policies among the objects. Throws for a policy that Kubernetes would understand differently. */
export function networkPoliciesIn(manifests: readonly Manifest[]): NetworkPolicy[] {
  return manifests.filter(({ kind }) => kind === 'NetworkPolicy').map((one) => networkPolicy.parse(one));
}
