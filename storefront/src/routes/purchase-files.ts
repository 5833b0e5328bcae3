import { streamText, useLane } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { purchaseFiles } from '../pages/purchase-files.js';
import { purchaseFilePath } from '../paths.js';
import { readAllPurchases, type RecordedPurchases } from '../purchases/recorded-purchases.js';

/** Pieces read before the response starts: the header of a file and its first purchase. */
const readAhead = 2;

export type PurchaseFilesDependencies = { recordedPurchases: Pick<RecordedPurchases, 'page'> };

/** Downloads of the shopper's purchases. If the first page of the history cannot be read, the response is an error page. */
export function purchaseFilesRouter({ recordedPurchases }: PurchaseFilesDependencies): Router {
  const router = Router();
  for (const [extension, { mediaType, write }] of Object.entries(purchaseFiles)) {
    const path = purchaseFilePath(extension);
    router.get(path, requireShopper, useLane('exports'), async (_request, response) => {
      const purchases = readAllPurchases(recordedPurchases, shopperOf(response).id);
      const headers = {
        'Content-Type': mediaType,
        'Content-Disposition': `attachment; filename="${path.slice(1)}"`,
      };
      await streamText(response, write(purchases), { headers, readAhead });
    });
  }
  return router;
}
