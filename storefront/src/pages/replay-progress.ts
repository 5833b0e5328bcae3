import {
  deadLetterIdSchema,
  deadLetterReasonSchema,
  replayFailureSchema,
  type DeadLetterReplays,
} from '@unity-purchase/contracts';
import { z } from 'zod';

/** How many dead letters that cannot be replayed a page names. Its address contains them. */
const namedMax = 8;

const count = z.coerce.number().int().min(0).max(1_000_000_000).default(0);
const time = z.iso.datetime();

const failureSchema = z.object({ id: deadLetterIdSchema, why: replayFailureSchema });

/** Some failures as text: `<id>.<why> <id>.<why>`. */
const failuresSchema = z
  .string()
  .max(600)
  .transform((text) =>
    text.split(' ').map((part) => {
      const [id, why] = part.split('.');
      return { id, why };
    }),
  )
  .pipe(z.array(failureSchema).max(namedMax));

const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const progressSchema = z.object({
  reason: optional(deadLetterReasonSchema),
  from: optional(time),
  before: optional(time),
  replayed: count,
  recorded: count,
  notReplayable: count,
  failures: optional(failuresSchema),
  left: optional(z.coerce.number().int().min(0).max(1_000_000_000)),
  /** The cursor of the rest. Missing at the start and at the end. */
  rest: optional(z.string().max(200)),
  /** A part failed, and can be tried again. */
  stopped: optional(z.literal('true')),
});

/**
 * How far replaying everything is. Each part is a request of its own, so the page carries this along in its form and its address. It is
 * for people to see: what is replayed depends on the filter, the cursor and the purchase-service alone.
 */
export type ReplayProgress = z.infer<typeof progressSchema>;

/** Reads progress from a form or an address. Undefined if it is not valid, or if an address has none. */
export function readProgress(fields: unknown): ReplayProgress | undefined {
  return progressSchema.safeParse(fields).data;
}

/** The progress after another part. */
export function addReplays(before: ReplayProgress, done: DeadLetterReplays): ReplayProgress {
  const { reason, from, before: until } = before;
  return {
    reason,
    from,
    before: until,
    replayed: before.replayed + done.replayed,
    recorded: before.recorded + (done.recorded ?? 0),
    notReplayable: before.notReplayable + done.notReplayable,
    failures: [...(before.failures ?? []), ...(done.failures ?? [])].slice(0, namedMax),
    left: done.left,
    rest: done.next,
  };
}

/** Progress as the fields of a form and the parameters of an address. */
export function progressFields({ failures = [], ...progress }: ReplayProgress): Record<string, string> {
  const named = failures.map(({ id, why }) => `${id}.${why}`).join(' ');
  const values = Object.entries({ ...progress, failures: named });
  return Object.fromEntries(
    values.flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)] as const],
    ),
  );
}
