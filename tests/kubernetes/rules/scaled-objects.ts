import { z } from 'zod';
import { scalerOfTrigger } from '../brokers/cluster-brokers.js';
import type { Manifest } from '../rendering/render.js';

const specSchema = z.object({
  maxReplicaCount: z.number(),
  fallback: z.object({ failureThreshold: z.number() }),
  triggers: z.tuple([z.object({ type: z.string(), metadata: z.record(z.string(), z.string()) })]),
});

/** The numbers by which a service scales. */
export type Scaling = {
  /** The load per replica. */
  threshold: number;
  replicasMax: number;
  failureThreshold: number;
  /** The query of a Prometheus trigger. */
  query: string | undefined;
};

/** Reads how the named ScaledObject scales. Throws if it is missing, or has no threshold or several triggers. */
export function scalingOf(objects: readonly Manifest[], name: string): Scaling {
  const found = objects.find((object) => object.kind === 'ScaledObject' && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ScaledObject ${name}`);
  const { maxReplicaCount, fallback, triggers } = specSchema.parse(found['spec']);
  const [{ type, metadata }] = triggers;
  const thresholdKey = type === 'prometheus' ? 'threshold' : scalerOfTrigger(type)?.lagPerPodKey;
  const threshold = Number(metadata[thresholdKey ?? '']);
  if (Number.isNaN(threshold)) throw new Error(`${name} has no threshold for ${type}`);
  return {
    threshold,
    replicasMax: maxReplicaCount,
    failureThreshold: fallback.failureThreshold,
    query: metadata['query'],
  };
}
