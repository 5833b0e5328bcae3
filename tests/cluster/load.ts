import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forwardPort, secretsFolder, waitUntil } from '@unity-purchase/tools';
import { buySteadily } from '../chaos/demand.js';
import { Buyers, type AskPurchaseService } from '../conformance/buyers.js';
import { productNamespace } from '../kubernetes/network/parties.js';
import { context } from './shop.js';

/** Shoppers who buy all the time, until it is disposed of. */
export type Load = AsyncDisposable & {
  buyers: Buyers;
  /** Resolves when shoppers have bought for a while. Rejects if they cannot. */
  untilBought: () => Promise<void>;
  /** Stops buying. Resolves when everything in flight was accepted. */
  stop: () => Promise<void>;
  /**
   * Stops buying, and waits until everything is recorded, once. Resolves to what was bought and answered. Rejects if anything differs, or
   * is missing for longer than that.
   */
  end: (missingForMs?: number) => Promise<LoadResult>;
};

export type LoadResult = {
  purchases: number;
  /** How often each kind of answer was given: `202` or `503 without Retry-After`. */
  answers: ReadonlyMap<string, number>;
  longestSilenceMs: number;
};

const shopperNames = ['Ada', 'Grace', 'Edsger', 'Barbara'];

const recordedWithinMs = 180_000;

const boughtMin = 20;
const boughtWithinMs = 120_000;

/** Answers that keep the promise of the shop: accepted, or refused with the time to try again. */
const keptAnswers: ReadonlySet<string> = new Set(['202', '303', '503 with Retry-After']);

/** Starts buying at a steady rate, through the API and the form, at the address of the shop. */
export async function startLoad(
  shop: string,
  { root, perSecond }: { root: string; perSecond: number },
): Promise<Load> {
  const answers = new Map<string, number>();
  const buyers = new Buyers(shop, askPurchaseService(root), (answer) => {
    const kind = kindOf(answer);
    answers.set(kind, (answers.get(kind) ?? 0) + 1);
  });
  await buyers.ignoreEarlier();
  const shoppers = await buyers.signIn(shopperNames);
  let isStopped = false;
  const buying = buySteadily(buyers, shoppers, { perSecond, isStopped: () => isStopped });
  // Its failure is reported at the end.
  buying.catch(() => undefined);
  const stop = async () => {
    isStopped = true;
    return buying;
  };
  return {
    buyers,
    untilBought: async () => {
      const before = buyers.acceptedCount;
      await waitUntil(
        () => buyers.acceptedCount > before + boughtMin || 'shoppers do not buy',
        boughtWithinMs,
      );
    },
    stop: async () => {
      await stop();
    },
    end: async (missingForMs = recordedWithinMs) => {
      const { purchases, longestSilenceMs } = await stop();
      await buyers.waitUntilRecorded(missingForMs);
      await buyers.reconcile();
      return { purchases, answers, longestSilenceMs };
    },
    [Symbol.asyncDispose]: async () => {
      await stop().catch(() => undefined);
    },
  };
}

/** The result as text: `412 purchases, each recorded once. Answers: 202 (420), 503 with Retry-After (2). …` */
export function resultText({ purchases, answers, longestSilenceMs }: LoadResult): string {
  const list = [...answers].map(([kind, count]) => `${kind} (${String(count)})`).join(', ');
  return `${String(purchases)} purchases, each recorded once. Answers: ${list}. At most ${(longestSilenceMs / 1_000).toFixed(1)} s without an accepted one`;
}

/** Throws if an answer was worse than a 503 with the time to try again. */
export function requireKeptAnswers({ answers }: LoadResult): void {
  const worse = [...answers].filter(([kind]) => !keptAnswers.has(kind));
  if (worse.length > 0)
    throw new Error(
      `worse answers: ${worse.map(([kind, count]) => `${kind} (${String(count)})`).join(', ')}`,
    );
}

function kindOf(answer: Response | Error): string {
  if (answer instanceof Error) {
    const { cause } = answer;
    return `none: ${cause instanceof Error ? cause.message : answer.message}`;
  }
  if (answer.status !== 503) return String(answer.status);
  return `503 ${answer.headers.has('retry-after') ? 'with' : 'without'} Retry-After`;
}

/** Sends a request as an operator does: with the token, through a forwarded port. */
export function askPurchaseService(
  root: string,
): (path: string, init?: { method: string }) => ReturnType<AskPurchaseService> {
  return async (path, init = { method: 'GET' }) => {
    const token = await readFile(join(secretsFolder(root), 'operator-token'), 'utf8');
    await using forward = await forwardPort({
      context,
      namespace: productNamespace,
      what: 'deployment/purchase-service',
      port: 8000,
    });
    const answer = await fetch(`http://127.0.0.1:${String(forward.localPort)}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}` },
    });
    // Read here, because the port closes.
    return new Response(await answer.text(), { status: answer.status });
  };
}
