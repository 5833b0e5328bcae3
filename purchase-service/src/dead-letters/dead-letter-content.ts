import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  deadLetterIdSchema,
  purchaseIdSchema,
  replayOfAttribute,
  shopperIdSchema,
  shopperKey,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { z } from 'zod';
import { readEvent } from '../purchases/read-event.js';

/** What a dead letter holds, as far as it can be read. */
export type Content = {
  /** The event, if it is valid; without it, `problems` say why. */
  event?: PurchasePlaced;
  problems: string[];
  isJson: boolean;
  /** Whose purchase it is about, and which: also of events that are not valid otherwise. */
  purchase?: { shopperKey: string; purchaseId: string; placedAt?: string };
  /** The dead letter that this one is a replay of, if it says so. */
  replayOf?: string;
};

const aboutPurchase = z.looseObject({
  data: z.looseObject({
    purchaseId: purchaseIdSchema,
    shopper: z.looseObject({ id: shopperIdSchema }),
    placedAt: z.iso.datetime().optional().catch(undefined),
  }),
});

const aboutReplay = z.looseObject({ [replayOfAttribute]: deadLetterIdSchema });

/** Reads what was delivered, by the rules of now: what was no valid event when it came may be one today. */
export function readContent(bytes: Buffer): Content {
  const parsed = parseJson(bytes);
  if (parsed === undefined) return { problems: ['the event is not JSON'], isJson: false };
  const read = readEvent(parsed.value);
  const about = aboutPurchase.safeParse(parsed.value).data?.data;
  const replayOf = aboutReplay.safeParse(parsed.value).data?.[replayOfAttribute];
  return {
    ...('event' in read ? { event: read.event, problems: [] } : { problems: read.problems }),
    isJson: true,
    ...(about === undefined
      ? {}
      : {
          purchase: {
            shopperKey: shopperKey(about.shopper.id),
            purchaseId: about.purchaseId,
            ...(about.placedAt === undefined ? {} : { placedAt: about.placedAt }),
          },
        }),
    ...(replayOf === undefined ? {} : { replayOf }),
  };
}

/** Whether the id of a shopper stands anywhere in what was delivered. */
export function namesShopper(bytes: Buffer, shopper: string): boolean {
  return stringsIn(parseJson(bytes)?.value).some((text) => shopperKey(text) === shopper);
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

/** The name of a dead letter: the same bytes are the same dead letter, however often they come. */
export function deadLetterIdOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

function parseJson(bytes: Buffer): { value: unknown } | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    return { value: JSON.parse(bytes.toString()) as unknown };
  } catch {
    return undefined;
  }
}
