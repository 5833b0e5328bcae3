import {
  shopperApiPath,
  shopperErasureLineSchema,
  shopperErasureSchema,
  shopperExportMediaType,
  shopperExportStreamLineSchema,
  type ShopperExportStreamLine,
} from '@unity-purchase/contracts';
import { createApiRouter, streamText, withProgress, type ApiRouter } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import { decodePosition, startOfRecords, type RecordsPosition } from '../shoppers/records-position.js';
import { noProgress, type ShopperRecords } from '../shoppers/shopper-records.js';
import { auditedRoute } from './audited-route.js';
import { commonProblems } from './common-problems.js';
import { shopperParameter } from './shopper-parameter.js';

type Dependencies = {
  shopperRecords: Pick<ShopperRecords, 'export' | 'erase' | 'eraseInSteps'>;
  audit: Pick<AuditLog, 'write'>;
};

const path = `${shopperApiPath}/:shopper`;
const pathParameters = z.object({ shopper: shopperParameter });
const targetOf = (request: { path: { shopper: string } }) => request.path.shopper;
const problems = ['not-found', ...commonProblems] as const;
const headers = { 'Content-Type': shopperExportMediaType };

/** How often a stream says how far it is. */
const progressEveryMs = 2_000;

const cursor = z
  .string()
  .max(1000)
  .meta({ description: 'The last cursor of an interrupted answer: what came before it is not done again.' })
  .optional();

const exportQuery = z.strictObject({
  cursor,
  progress: z
    .literal('true')
    .meta({ description: 'Adds lines of the kind "progress": at once, and while nothing else is sent.' })
    .optional(),
});

/** Exports and erases the data of one shopper, for operators. */
export function shoppersRouter({ shopperRecords, audit }: Dependencies): ApiRouter {
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'GET',
      path,
      summary:
        'Exports all data of a shopper, one JSON object per line; a complete export ends with a line of the kind "end"',
      pathParameters,
      query: exportQuery,
      answer: {
        status: 200,
        description: 'A line of the export',
        schema: shopperExportStreamLineSchema,
        mediaType: shopperExportMediaType,
      },
      problems: [...problems, 'invalid-request', 'invalid-cursor'],
    },
    { audit, action: 'export-shopper', targetOf },
    async ({ path: { shopper }, query, response }) => {
      const progress = noProgress();
      const lines = shopperRecords.export(shopper, positionAt(query.cursor, shopper), progress);
      const pieces =
        query.progress === undefined
          ? withoutProgress(lines)
          : withProgress(lines, { progress: () => ({ ...progress }), everyMs: progressEveryMs });
      await streamText(response, asText(pieces), { headers, readAhead: 1 });
      return undefined;
    },
  );
  auditedRoute(
    api,
    {
      method: 'POST',
      path: `${path}/erasure`,
      summary:
        'Erases all data of a shopper and sends its progress, one JSON object per line; a complete erasure ends with a line of the kind "end". Repeat it after an interruption, and after a minute to erase events that were in flight',
      pathParameters,
      query: z.strictObject({ cursor }),
      answer: {
        status: 200,
        description: 'A line about the erasure',
        schema: shopperErasureLineSchema,
        mediaType: shopperExportMediaType,
      },
      problems: [...problems, 'invalid-request', 'invalid-cursor'],
    },
    { audit, action: 'erase-shopper', targetOf },
    async ({ path: { shopper }, query, response }) => {
      const progress = noProgress();
      const lines = shopperRecords.eraseInSteps(shopper, positionAt(query.cursor, shopper), progress);
      const pieces = withProgress(lines, { progress: () => ({ ...progress }), everyMs: progressEveryMs });
      await streamText(response, asText(pieces), { headers, readAhead: 1 });
      return undefined;
    },
  );
  auditedRoute(
    api,
    {
      method: 'DELETE',
      path,
      summary:
        'Erases all data of a shopper without sending progress; the audit log keeps the shopper key. Repeat it after a minute to erase events that were in flight',
      pathParameters,
      answer: { status: 200, description: 'What was erased', schema: shopperErasureSchema },
      problems,
    },
    { audit, action: 'erase-shopper', targetOf },
    ({ path: { shopper } }) => shopperRecords.erase(shopper),
  );
  return api;
}

function positionAt(cursor: string | undefined, shopper: string): RecordsPosition {
  return cursor === undefined ? startOfRecords(shopper) : decodePosition(cursor, shopper);
}

async function* withoutProgress(
  lines: AsyncGenerator<ShopperExportStreamLine, void>,
): AsyncGenerator<ShopperExportStreamLine, void> {
  for await (const line of lines) if (line.kind !== 'progress') yield line;
}

async function* asText(lines: AsyncGenerator<object, void>): AsyncGenerator<string, void> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
