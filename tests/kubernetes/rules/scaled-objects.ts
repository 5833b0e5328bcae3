import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';

const specSchema = z.object({
  maxReplicaCount: z.number(),
  fallback: z.object({ failureThreshold: z.number() }),
  triggers: z.tuple([z.object({ type: z.string(), metadata: z.record(z.string(), z.string()) })]),
});

/** How each kind of trigger calls what one replica is to have. */
const thresholdNames: Readonly<Record<string, string>> = {
  prometheus: 'threshold',
  kafka: 'lagThreshold',
  rabbitmq: 'value',
  'redis-streams': 'lagCount',
  'nats-jetstream': 'lagThreshold',
};

export type Scaling = {
  /** What one replica is to have. */
  threshold: number;
  replicasMax: number;
  failureThreshold: number;
  /** What Prometheus is asked, where it is. */
  query: string | undefined;
};

/** How a ScaledObject of one trigger scales. Throws where there is none of that name, or it does not say how. */
export function scalingOf(objects: readonly Manifest[], name: string): Scaling {
  const found = objects.find((object) => object.kind === 'ScaledObject' && object.metadata.name === name);
  if (found === undefined) throw new Error(`No ScaledObject ${name} was rendered`);
  const { maxReplicaCount, fallback, triggers } = specSchema.parse(found['spec']);
  const [{ type, metadata }] = triggers;
  const threshold = Number(metadata[thresholdNames[type] ?? '']);
  if (Number.isNaN(threshold)) throw new Error(`${name} has no threshold for ${type}`);
  return {
    threshold,
    replicasMax: maxReplicaCount,
    failureThreshold: fallback.failureThreshold,
    query: metadata['query'],
  };
}
