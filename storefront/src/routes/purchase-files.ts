import { streamText } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { requireShopper, shopperOf } from '../middleware/require-shopper.js';
import { purchaseFiles } from '../pages/purchase-files.js';
import { purchaseFilePath } from '../paths.js';
import { allPurchases } from '../purchases/all-purchases.js';
import type { PurchaseParts } from './purchase-parts.js';

/** The head of a file, and its first purchase. */
const readAhead = 2;

/** The shopper's purchases as files. One whose first page cannot be read is answered with a page that says so. */
export function purchaseFilesRouter({ recordedPurchases }: Pick<PurchaseParts, 'recordedPurchases'>): Router {
  const router = Router();
  for (const [ending, { mediaType, write }] of Object.entries(purchaseFiles)) {
    const path = purchaseFilePath(ending);
    router.get(path, requireShopper, async (_request, response) => {
      const purchases = allPurchases(recordedPurchases, shopperOf(response).id);
      const headers = {
        'Content-Type': mediaType,
        'Content-Disposition': `attachment; filename="${path.slice(1)}"`,
      };
      await streamText(response, write(purchases), { headers, readAhead });
    });
  }
  return router;
}
