import { AppError, clientSignal, streamText, useLane } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { localeOf } from '../middleware/page-locale.js';
import { limitConcurrent } from '../middleware/limit-concurrent.js';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { purchaseFiles } from '../pages/purchase-files.js';
import { purchaseFilePath } from '../paths.js';
import { readAllPurchases, type RecordedPurchases } from '../purchases/recorded-purchases.js';
import { periodParameter } from './parameters.js';

/** A large history takes minutes, so a second attempt may overlap with the first. */
const filesPerShopperMax = 2;

/** Files of all shoppers at the same time. Each one asks one question at a time. */
const filesMax = 16;

/** Pieces read before the response starts: the header of a file and its first purchase. */
const readAhead = 2;

export type PurchaseFilesDependencies = { recordedPurchases: Pick<RecordedPurchases, 'page'> };

/** Downloads of the shopper's purchases, of all or of one month or year. If the first page of the history cannot be read, the response is an error page. Files of
 * one shopper, and of all, are limited. */
export function purchaseFilesRouter({ recordedPurchases }: PurchaseFilesDependencies): Router {
  const router = Router();
  const refusal = () => new AppError('too-many-exports', { retryAfterSeconds: 30 });
  const limits = [
    limitConcurrent({
      max: filesPerShopperMax,
      keyOf: (_request, response) => shopperOf(response).id,
      refusal,
    }),
    limitConcurrent({
      max: filesMax,
      keyOf: () => 'all',
      refusal: () => new AppError('busy', { retryAfterSeconds: 30 }),
    }),
  ];
  for (const [extension, { mediaType, write }] of Object.entries(purchaseFiles)) {
    const path = purchaseFilePath(extension, {});
    router.get(path, requireShopper, ...limits, useLane('exports'), async (request, response) => {
      const period = periodParameter(request);
      const { id } = shopperOf(response);
      const purchases = readAllPurchases(recordedPurchases, id, {
        ...period,
        signal: clientSignal(response),
      });
      const name = ['purchases', period.month ?? period.year].filter(Boolean).join('-');
      const headers = {
        'Content-Type': mediaType,
        'Content-Disposition': `attachment; filename="${name}.${extension}"`,
      };
      await streamText(response, write(purchases, localeOf(response)), { headers, readAhead });
    });
  }
  return router;
}
