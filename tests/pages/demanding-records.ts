import {
  auditActions,
  deadLetterApiPath,
  purchasePlaced,
  shopperApiPath,
  shopperKey,
  type Purchase,
  type Shopper,
} from '@unity-purchase/contracts';
import { listDeadLetters } from '../system/list-dead-letters.js';
import { signIn } from '../system/shopper-client.js';
import type { TestSystem } from '../system/test-system.js';
import {
  asMuchAsPossible,
  dayMs,
  everything,
  lineOf,
  longHistory,
  purchaseAt,
  purchasesOfYears,
} from './demanding-purchases.js';
import { neighbours, shoppers } from './demanding-shoppers.js';
import { writeEarlierRecords, type EarlierRecords } from './earlier-records.js';
import { tokens } from './tokens.js';

const hourMs = 60 * 60_000;

/** How many purchases each neighbour has made before. */
const purchasesOfNeighbour = 4;

/** How many actions of operators are in the audit log before today. */
const auditedBefore = 90;

/** Operators as the audit log names them. */
const operators = [
  "the operators' token, as Grace",
  'grace-1906',
  "the operators' token",
  'auth0|5f7c8ec7c33c6c004bbafe82-with-a-long-id-of-an-issuer',
  'unnamed',
];

/** The purchases and dead letters whose pages are looked at. */
export type DemandingRecords = {
  /** The purchase with the most lines. */
  longest: Purchase;
  recorded: Purchase;
  delayed: Purchase;
  /** A delayed purchase whose basket is more than a day old. */
  delayedForDays: Purchase;
  discarded: Purchase;
  erased: Purchase;
  /** The address of a purchase whose id another order had taken. */
  supersededPath: string;
  /** The dead letters, by what is wrong with them. */
  letters: Readonly<Record<LetterName, string>>;
};

export type LetterName = keyof ReturnType<typeof deliveries>;

/**
 * Fills a shop with records as demanding as two years of business could leave: what happened before today is written by the
 * purchase-service's own code at earlier times, what happened today by the running services.
 */
export async function createDemandingRecords(shop: TestSystem): Promise<DemandingRecords> {
  const nowMs = Date.now();
  const ada = shoppers.longHistory;
  const longAgo = longHistory.days * dayMs;
  const erased = purchaseAt(shoppers.erased, nowMs - longAgo, [lineOf(3, 2)]);
  const purchases = purchasesOfYears(ada, nowMs);
  const longest = purchaseAt(ada, nowMs - 3 * hourMs, everything());
  const recorded = purchaseAt(ada, nowMs - 2 * hourMs, [lineOf(2, 1), lineOf(0, 2), lineOf(4, 3)]);
  const sent = deliveries(ada, recorded, nowMs);
  await using earlier = writeEarlierRecords(shop, tokens.sidecar);
  const bought = [...purchases, longest, recorded, erased, ...purchasesOfNeighbours(nowMs)];
  const timeline = [
    ...bought.map((purchase) => ({
      atMs: Date.parse(purchase.placedAt),
      write: () => earlier.record(purchase),
    })),
    ...Object.values(sent).map(({ content, daysAgo }) => {
      const atMs = nowMs - daysAgo * dayMs;
      return { atMs, write: () => earlier.keep(content, atMs) };
    }),
    {
      atMs: nowMs - sent.recordedSince.daysAgo * dayMs + 1,
      write: () => earlier.record(sent.recordedSince.purchase, hourMs + 60_000),
    },
  ];
  for (const { write } of timeline.sort((one, other) => one.atMs - other.atMs)) await write();
  const letters = await lettersIn(shop, sent);
  await writeAuditLog(earlier, nowMs, { ...recorded, letter: letters.waiting });
  await decide(shop, letters.replayed, 'replay');
  await decide(shop, letters.discarded, 'discard');
  await erase(shop, shoppers.erased);
  const supersededPath = await supersede(shop, earlier);
  return {
    longest,
    recorded,
    erased,
    supersededPath,
    delayed: sent.waiting.purchase,
    delayedForDays: sent.waitingForDays.purchase,
    discarded: sent.discarded.purchase,
    letters,
  };
}

/** Everything that was delivered and became a dead letter, oldest first. */
function deliveries(shopper: Shopper, recorded: Purchase, nowMs: number) {
  const late = (daysAgo: number, product: number) =>
    purchaseAt(shopper, nowMs - daysAgo * dayMs - hourMs, [lineOf(product, 2), lineOf(product + 1, 1)]);
  const valid = (daysAgo: number, purchase: Purchase) => ({
    daysAgo,
    purchase,
    content: JSON.stringify(purchasePlaced(purchase)),
  });
  const other = { ...recorded, ...pick(purchaseAt(shopper, nowMs, [lineOf(7, 99)])) };
  const ofNextVersion = { ...purchasePlaced(late(9, 5)), type: 'purchase.placed.v9' };
  return {
    tooLarge: { daysAgo: 11, content: `{"specversion":"1.0","data":"${'0123456789'.repeat(8_000)}"}` },
    binary: { daysAgo: 10, content: Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x81, 0x1b, 0x5b, 0x33, 0x31]) },
    unreadable: { daysAgo: 9, content: '{"specversion":"1.0","id":"half of an event' },
    invalid: { daysAgo: 8, content: JSON.stringify(ofNextVersion) },
    manyProblems: { daysAgo: 7, content: JSON.stringify({ type: '<b>?</b>', data: { lines: [{}, {}] } }) },
    discarded: valid(6, late(6, 1)),
    replayed: valid(5, late(5, 2)),
    recordedSince: valid(4, late(4, 3)),
    waitingForDays: valid(2, late(2, 8)),
    contradictsRecord: valid(0.05, other),
    waiting: valid(0.02, late(0.02, 6)),
  };
}

const pick = ({ lines, total }: Purchase) => ({ lines, total });

function purchasesOfNeighbours(nowMs: number): Purchase[] {
  return neighbours.flatMap((shopper, index) =>
    Array.from({ length: purchasesOfNeighbour }, (_, time) =>
      purchaseAt(shopper, nowMs - (time * 40 * dayMs + (index + 1) * 17 * 60_000), [
        lineOf(index + time, 1 + index),
        ...(time === 0 && shopper === shoppers.longName ? asMuchAsPossible().slice(1) : []),
      ]),
    ),
  );
}

async function writeAuditLog(
  earlier: EarlierRecords,
  nowMs: number,
  { purchaseId, shopper, letter }: Purchase & { letter: string },
) {
  const targets = [undefined, purchaseId, shopperKey(shopper.id), letter];
  for (let index = 0; index < auditedBefore; index += 1) {
    const action = auditActions[index % auditActions.length] ?? 'list-purchases';
    const operator = operators[(index * 3) % operators.length] ?? '';
    const target = action.startsWith('list') ? undefined : targets[index % targets.length];
    const atMs = nowMs - Math.round(30 * dayMs * (1 - index / auditedBefore) ** 2) - hourMs / 4;
    await earlier.audit({ atMs, operator, action, ...(target === undefined ? {} : { target }) });
  }
}

/** The ids of dead letters by what was delivered. They were kept in that order. */
async function lettersIn(
  { purchaseService }: TestSystem,
  sent: ReturnType<typeof deliveries>,
): Promise<Record<LetterName, string>> {
  const names = Object.keys(sent) as LetterName[];
  const newestFirst = await listDeadLetters(purchaseService, tokens.operator);
  if (newestFirst.length !== names.length)
    throw new Error(`${newestFirst.length} dead letters are kept, not ${names.length}`);
  const ids = newestFirst.map(({ id }) => id).reverse();
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? ''])) as Record<
    LetterName,
    string
  >;
}

async function decide(shop: TestSystem, id: string, decision: string): Promise<void> {
  const reason = 'The shopper was told to order again, because the address of the event was wrong';
  await asOperator(
    shop,
    'POST',
    `${deadLetterApiPath}/${id}/${decision}`,
    decision === 'discard' ? { reason } : undefined,
  );
}

async function erase(shop: TestSystem, { id }: Shopper): Promise<void> {
  await asOperator(shop, 'DELETE', `${shopperApiPath}/${shopperKey(id)}`);
}

async function asOperator(
  { purchaseService }: TestSystem,
  method: string,
  path: string,
  body?: object,
): Promise<void> {
  const headers = { authorization: `Bearer ${tokens.operator}`, 'x-operator': 'Grace' };
  const answer = await fetch(`${purchaseService}${path}`, {
    method,
    headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok)
    throw new Error(`${method} ${path} was answered with ${answer.status}: ${await answer.text()}`);
}

/** Lets a shopper place an order under an id that the purchase-service has already recorded with another order. */
async function supersede(shop: TestSystem, earlier: EarlierRecords): Promise<string> {
  const { id, name } = shoppers.longHistory;
  const first = purchaseAt({ id, name }, Date.now(), [lineOf(0, 1)]);
  await earlier.record(first);
  const client = await signIn(shop.storefront, id, name);
  const { location } = await client.buy({ sku: 'mug', quantity: 4 }, first.purchaseId);
  return location.replace('/api/', '/');
}
