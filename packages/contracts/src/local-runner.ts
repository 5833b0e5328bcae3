import { z } from 'zod';

/**
 * The name under which sidecars reach the local runner: a Dapr HTTPEndpoint that only the runner creates, for the sidecars that it
 * starts itself. Nowhere else does this name lead anywhere.
 */
export const localRunnerEndpoint = 'local-runner';

/** What the local runner can pause, if it has a process of its own. */
export const pausableParts = ['broker', 'store', 'purchase-service'] as const;

export const pausablePartSchema = z.enum(pausableParts);

export type PausablePart = z.infer<typeof pausablePartSchema>;

/** The longest pause. The sidecars survive longer outages of a broker or store. */
export const pauseSecondsMax = 60;

export const pauseSecondsSchema = z.coerce.number().int().min(1).max(pauseSecondsMax);

/** The path of the local runner's parts. */
export const partsPath = '/parts';

/** The path to which a POST pauses a part. The part comes back by itself after these seconds. */
export const partPausePath = (part: PausablePart, seconds: number) =>
  `${partsPath}/${part}/pause?seconds=${seconds}`;

/** The parts that can be paused. `pausedMs` is how long a paused one stays away. */
export const partStatesSchema = z.object({
  parts: z.array(
    z.object({
      part: pausablePartSchema,
      /** Its name for people, such as `PostgreSQL 18`. */
      title: z.string(),
      pausedMs: z.int().min(0).optional(),
    }),
  ),
});

export type PartState = z.infer<typeof partStatesSchema>['parts'][number];
