import { createHash } from 'node:crypto';
import {
  components,
  deadLetterIdSchema,
  moneySchema,
  orderDigestAttribute,
  purchaseIdSchema,
  purchasePlaced,
  replayOfAttribute,
  shopperIdLengthMax,
  shopperIdSchema,
  shopperKey,
  shopperSchema,
  topics,
  type DeadLetter,
  type PurchasePlaced,
} from '@unity-purchase/contracts';
import { jsonStringsIn, readForeignJson } from '@unity-purchase/service-kit';
import { z } from 'zod';
import { readEvent } from '../purchases/read-event.js';

/** The content of a dead letter, as far as it can be read. */
export type Content = {
  /** The event, if it is valid. Otherwise `problems` says why it is not. */
  event?: PurchasePlaced;
  problems: string[];
  isJson: boolean;
  /** The shopper and the purchase, if they can be read, even from an event that is not valid. */
  purchase?: { shopperKey: string; purchaseId: string; placedAt?: string };
  /** Who buys and for how much, as far as an operator can be shown that. */
  about: Pick<DeadLetter, 'shopper' | 'total'>;
  /** The id of the dead letter that this one is a replay of, if it names one. */
  replayOf?: string;
};

const aboutPurchase = z.looseObject({
  data: z.looseObject({
    purchaseId: purchaseIdSchema,
    shopper: z.looseObject({ id: shopperIdSchema }),
    placedAt: z.iso.datetime().optional().catch(undefined),
  }),
});

/** Each part is read by itself, because any other part may be what is wrong with the event. */
const shownSchema = z.looseObject({
  data: z.looseObject({
    shopper: z
      .object({ id: shopperIdSchema, name: shopperSchema.shape.name.optional().catch(undefined) })
      .optional()
      .catch(undefined),
    total: moneySchema.optional().catch(undefined),
  }),
});

const aboutReplay = z.looseObject({ [replayOfAttribute]: deadLetterIdSchema });

/** Reads what was delivered. The current rules decide: an event that was not valid when it arrived may be valid today. */
export function readContent(bytes: Buffer): Content {
  const json = readForeignJson(bytes);
  if ('unreadable' in json)
    return { problems: [`the event is ${json.unreadable}`], isJson: false, about: {} };
  const read = readEvent(json.value);
  const about = aboutPurchase.safeParse(json.value).data?.data;
  const replayOf = aboutReplay.safeParse(json.value).data?.[replayOfAttribute];
  return {
    ...('event' in read ? { event: read.event, problems: [] } : { problems: read.problems }),
    isJson: true,
    about: shownIn(json.value),
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

function shownIn(event: unknown): Content['about'] {
  const { shopper, total } = shownSchema.safeParse(event).data?.data ?? {};
  const { id, name } = shopper ?? {};
  return {
    ...(id === undefined ? {} : { shopper: { id, ...(name === undefined ? {} : { name }) } }),
    ...(total === undefined ? {} : { total }),
  };
}

/** Strings that the format of an event contains. They name no shopper where they stand for that. */
const formatWords: ReadonlySet<string> = new Set([
  ...stringsOfFormat(),
  ...['pubsubname', 'topic', 'traceid', 'traceparent', 'tracestate', replayOfAttribute],
  ...[orderDigestAttribute, components.pubsub, topics.purchaseEvents],
]);

function stringsOfFormat(): string[] {
  const example = purchasePlaced({
    purchaseId: '',
    shopper: { id: '', name: '' },
    lines: [{ sku: '', title: '', quantity: 1, unitPrice: 0 }],
    total: { amount: 0, currency: '' },
    placedAt: '',
  });
  const { id: _id, ...rest } = example;
  return ['id', ...jsonStringsIn(Buffer.from(JSON.stringify(rest)), shopperIdLengthMax)];
}

/** The keys of all shoppers whose id may be a string in what was delivered. */
export function* shoppersNamedIn(bytes: Buffer): Generator<string> {
  const seen = new Set<string>();
  for (const text of jsonStringsIn(bytes, shopperIdLengthMax)) {
    if (seen.has(text) || formatWords.has(text) || !shopperIdSchema.safeParse(text).success) continue;
    seen.add(text);
    yield shopperKey(text);
  }
}

/** The id of a dead letter: a hash of its bytes, so that a redelivery is the same dead letter. */
export function deadLetterIdOf(bytes: Buffer): string {
  return sha256Of(bytes).slice(0, 32);
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
