import {
  rebuildApiPath,
  rebuildEventsAnswerSchema,
  rebuildEventsBytesMax,
  rebuildEventsSchema,
  rebuildLineSchema,
  rebuildShoppersSchema,
  rebuildTargets,
  shopperExportMediaType,
  type RebuildDifference,
  type RebuildLine,
  type RebuildProgress,
  type RebuildTarget,
} from '@unity-purchase/contracts';
import {
  AppError,
  createApiRouter,
  requestIdOf,
  streamText,
  withProgress,
  type ApiRouter,
} from '@unity-purchase/service-kit';
import { json, type Response } from 'express';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import type { CheckSegments } from '../rebuild/check-segments.js';
import type { CompareEvents } from '../rebuild/compare-events.js';
import type { CompareHistory } from '../rebuild/compare-history.js';
import type { CompareJournal } from '../rebuild/compare-journal.js';
import { noCounts, type RebuildOptions } from '../rebuild/rebuild-options.js';
import { decodeRebuildPosition, startOfRebuild } from '../rebuild/rebuild-position.js';
import { auditedRoute } from './audited-route.js';
import { bodyProblems, commonProblems } from './common-problems.js';
import { operatorOf } from './operator-of.js';

type Dependencies = {
  checkSegments: CheckSegments;
  compareJournal: CompareJournal;
  compareHistory: CompareHistory;
  compareEvents: CompareEvents;
  audit: Pick<AuditLog, 'write'>;
};

/** How often a stream says how far it is. */
const progressEveryMs = 2_000;

/** JSON in JSON: quotes are escaped. */
const bodyBytesMax = rebuildEventsBytesMax + 24 * 1024;

const headers = { 'Content-Type': shopperExportMediaType };

const yes = z.literal('true').optional();

const optionsQuery = z.strictObject({
  repair: yes.meta({ description: 'Repairs what can be repaired. Without it, nothing is changed.' }),
  replaceUnreadable: yes.meta({
    description: 'A repair also replaces segments that cannot be read. Their content is lost.',
  }),
  removeUnknown: yes.meta({
    description: 'A repair of the journal also removes entries of purchases that no history has.',
  }),
});

const cursor = z
  .string()
  .max(1000)
  .meta({ description: 'The last cursor of an interrupted comparison.' })
  .optional();

const problems = ['invalid-request', 'rebuild-in-progress', ...commonProblems] as const;

const problemsWithBody = [...problems, ...bodyProblems] as const;

/** Compares histories, journal and the topic's events, for operators, and repairs differences. One request at a time. */
export function rebuildRouter(dependencies: Dependencies): ApiRouter {
  const { checkSegments, compareJournal, compareHistory, compareEvents, audit } = dependencies;
  const api = createApiRouter();
  const turn = oneAtATime();
  const answer = { status: 200, schema: rebuildLineSchema, mediaType: shopperExportMediaType } as const;

  auditedRoute(
    api,
    {
      method: 'POST',
      path: `${rebuildApiPath}/segments`,
      summary:
        'Finds segments of the journal that are missing or unreadable; one JSON object per line, the last one of the kind "end". With "repair" the journal can be used again, without what was lost',
      query: optionsQuery.pick({ repair: true, replaceUnreadable: true }),
      answer: { ...answer, description: 'A line of the comparison' },
      problems,
    },
    { audit, action: 'list-purchases', targetOf: ({ query }) => nameOf('segments', query) },
    ({ query, response, signal }) =>
      turn(() => {
        const progress = startOfProgress();
        const lines = checkSegments(optionsOf('journal', query), signal);
        return streamLines(response, counted(lines, progress), progress);
      }),
  );
  for (const target of rebuildTargets) {
    const path = `${rebuildApiPath}/${target}`;
    auditedRoute(
      api,
      {
        method: 'POST',
        path,
        summary: `Compares ${described[target]}; one JSON object per line, the last one of the kind "end"`,
        query: optionsQuery.extend({ cursor }),
        answer: { ...answer, description: 'A line of the comparison' },
        problems: [...problems, 'invalid-cursor'],
      },
      { audit, action: 'list-purchases', targetOf: ({ query }) => nameOf(target, query) },
      ({ query, response, signal }) =>
        turn(async () => {
          const from =
            query.cursor === undefined ? startOfRebuild(target) : decodeRebuildPosition(query.cursor, target);
          const progress = startOfProgress();
          const lines = compareJournal(optionsOf(target, query), from, progress, signal);
          return streamLines(response, lines, progress);
        }),
    );
    auditedRoute(
      api,
      {
        method: 'POST',
        path: `${path}/shoppers`,
        summary: `Compares ${described[target]}, of these shoppers only; one JSON object per line, the last one of the kind "end"`,
        query: optionsQuery,
        body: rebuildShoppersSchema,
        before: [json({ limit: bodyBytesMax, strict: false })],
        answer: { ...answer, description: 'A line of the comparison' },
        problems: problemsWithBody,
      },
      { audit, action: 'list-purchases', targetOf: ({ query }) => nameOf(`${target}/shoppers`, query) },
      ({ query, body: { shoppers }, request, response, signal }) =>
        turn(async () => {
          // All at once, so that they share segments of the log.
          await Promise.all(
            shoppers.map((shopper) =>
              audit.write({
                operator: operatorOf(request, response),
                action: 'list-purchases',
                target: `${nameOf(`${target}/shoppers`, query)}/${shopper}`,
                requestId: requestIdOf(response),
              }),
            ),
          );
          const progress = startOfProgress();
          const lines = ofShoppers(shoppers, (shopper) =>
            compareHistory(shopper, optionsOf(target, query), progress, signal),
          );
          return streamLines(response, counted(lines, progress), progress);
        }),
    );
  }
  auditedRoute(
    api,
    {
      method: 'POST',
      path: `${rebuildApiPath}/history/events`,
      summary:
        'Compares events of the topic with the histories, and with "repair" records those that are missing',
      query: optionsQuery.pick({ repair: true }),
      body: rebuildEventsSchema,
      before: [json({ limit: bodyBytesMax, strict: false })],
      answer: { status: 200, description: 'What became of the events', schema: rebuildEventsAnswerSchema },
      problems: problemsWithBody,
    },
    { audit, action: 'list-purchases', targetOf: ({ query }) => nameOf('history/events', query) },
    ({ query: { repair }, body: { events }, signal }) =>
      turn(() => compareEvents(events, { isRepairing: repair !== undefined }, signal)),
  );
  return api;
}

const described = {
  history: 'the histories with the journal',
  journal: 'the journal with the histories',
} as const satisfies Record<RebuildTarget, string>;

/**
 * What the audit log says. A new action would make the log unreadable for a replica or a desk of version 0.1.0, so the target says
 * what was done, and with which options.
 */
function nameOf(
  what: string,
  { repair, replaceUnreadable, removeUnknown }: Partial<z.output<typeof optionsQuery>>,
): string {
  return [
    `rebuild/${what}`,
    ...(repair === undefined ? [] : ['repair']),
    ...(replaceUnreadable === undefined ? [] : ['replace-unreadable']),
    ...(removeUnknown === undefined ? [] : ['remove-unknown']),
  ].join('/');
}

function optionsOf(target: RebuildTarget, query: Partial<z.output<typeof optionsQuery>>): RebuildOptions {
  return {
    target,
    isRepairing: query.repair !== undefined,
    replacesUnreadable: query.replaceUnreadable !== undefined,
    removesUnknown: query.removeUnknown !== undefined,
  };
}

function startOfProgress(): RebuildProgress {
  return { kind: 'progress', ...noCounts() };
}

/** Returns a function that does work unless it is already doing some: then it throws 409 `rebuild-in-progress`. */
function oneAtATime() {
  let isTaken = false;
  return async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    if (isTaken) throw new AppError('rebuild-in-progress');
    isTaken = true;
    try {
      return await work();
    } finally {
      isTaken = false;
    }
  };
}

async function* ofShoppers(
  shoppers: readonly string[],
  compare: (shopper: string) => AsyncGenerator<RebuildDifference, void>,
): AsyncGenerator<RebuildDifference, void> {
  for (const shopper of shoppers) yield* compare(shopper);
}

async function* counted(
  differences: AsyncGenerator<RebuildDifference, void>,
  counts: RebuildProgress,
): AsyncGenerator<RebuildLine, void> {
  for await (const difference of differences) {
    counts.differences += 1;
    if (difference.repaired) counts.repaired += 1;
    yield difference;
  }
  yield { ...counts, kind: 'end' };
}

async function streamLines(
  response: Response,
  lines: AsyncGenerator<RebuildLine, void>,
  progress: RebuildProgress,
): Promise<undefined> {
  const pieces = withProgress(lines, { progress: () => ({ ...progress }), everyMs: progressEveryMs });
  await streamText(response, asText(pieces), { headers, readAhead: 1 });
  return undefined;
}

async function* asText(lines: AsyncGenerator<object, void>): AsyncGenerator<string, void> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
