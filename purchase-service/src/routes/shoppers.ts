import {
  shopperApiPath,
  shopperErasureSchema,
  shopperExportLineSchema,
  shopperExportMediaType,
  type ShopperExportLine,
} from '@unity-purchase/contracts';
import { createApiRouter, streamText, type ApiRouter } from '@unity-purchase/service-kit';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import type { ShopperRecords } from '../shoppers/shopper-records.js';
import { auditedRoute } from './audited-route.js';
import { commonProblems } from './common-problems.js';
import { shopperParameter } from './shopper-parameter.js';

type Dependencies = {
  shopperRecords: Pick<ShopperRecords, 'export' | 'erase'>;
  audit: Pick<AuditLog, 'write'>;
};

const path = `${shopperApiPath}/:shopper`;
const pathParameters = z.object({ shopper: shopperParameter });
const targetOf = (request: { path: { shopper: string } }) => request.path.shopper;
const problems = ['not-found', ...commonProblems] as const;

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
      answer: {
        status: 200,
        description: 'A line of the export',
        schema: shopperExportLineSchema,
        mediaType: shopperExportMediaType,
      },
      problems,
    },
    { audit, action: 'export-shopper', targetOf },
    async ({ path: { shopper }, response }) => {
      const headers = { 'Content-Type': shopperExportMediaType };
      await streamText(response, asText(shopperRecords.export(shopper)), { headers, readAhead: 1 });
      return undefined;
    },
  );
  auditedRoute(
    api,
    {
      method: 'DELETE',
      path,
      summary:
        'Erases all data of a shopper; the audit log keeps the shopper key. Repeat it after a minute to erase events that were in flight',
      pathParameters,
      answer: { status: 200, description: 'What was erased', schema: shopperErasureSchema },
      problems,
    },
    { audit, action: 'erase-shopper', targetOf },
    ({ path: { shopper } }) => shopperRecords.erase(shopper),
  );
  return api;
}

async function* asText(lines: AsyncGenerator<ShopperExportLine>): AsyncGenerator<string, void> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
