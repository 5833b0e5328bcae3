import {
  shopperApiPath,
  shopperErasureSchema,
  shopperExportLineSchema,
  shopperExportMediaType,
  type ShopperErasure,
  type ShopperExportLine,
} from '@unity-purchase/contracts';
import { parsePath, streamText, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { audited, auditedOperation, inPath, type Audit } from './audited.js';
import { commonProblems } from './documented-problems.js';
import { shopperParameter } from './shopper-parameter.js';

type Parts = {
  shopperRecords: {
    export: (shopper: string) => AsyncGenerator<ShopperExportLine>;
    erase: (shopper: string) => Promise<ShopperErasure>;
  };
  audit: Audit;
};

const shopperPath = z.object({ shopper: shopperParameter });
const theShopper = inPath(shopperPath, 'shopper');
const onePath = `${shopperApiPath}/:shopper`;
const problems = { 404: 'This can be no shopper.', ...commonProblems, 401: 'No operator asks.' };

/** What operators can ask about shoppers as its document tells it. */
export const shopperOperations: readonly ApiOperation[] = [
  auditedOperation({
    method: 'GET',
    path: onePath,
    summary:
      'All that is kept about a shopper, a line each; one that breaks off has no line of the kind "end"',
    pathParameters: shopperPath,
    answer: {
      status: 200,
      description: 'A line of the export',
      schema: shopperExportLineSchema,
      mediaType: shopperExportMediaType,
    },
    problems,
  }),
  auditedOperation({
    method: 'DELETE',
    path: onePath,
    summary:
      'Erases all that is kept about a shopper; what operators did stays, with the key alone. Again after a minute, it finds what was on its way meanwhile',
    pathParameters: shopperPath,
    answer: { status: 200, description: 'What was erased', schema: shopperErasureSchema },
    problems,
  }),
];

/** Exports and erases what is kept about one shopper. */
export function shoppersRouter({ shopperRecords, audit }: Parts): Router {
  const router = Router();
  router.get(onePath, audited(audit, 'export-shopper', theShopper), async (request, response) => {
    const lines = shopperRecords.export(parsePath(shopperPath, request).shopper);
    const headers = { 'Content-Type': shopperExportMediaType };
    await streamText(response, asText(lines), { headers, readAhead: 1 });
  });
  router.delete(onePath, audited(audit, 'erase-shopper', theShopper), async (request, response) => {
    response.json(await shopperRecords.erase(parsePath(shopperPath, request).shopper));
  });
  return router;
}

async function* asText(lines: AsyncGenerator<ShopperExportLine>): AsyncGenerator<string, void> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`;
}
