import { Router, type Request } from 'express';
import { requireApiShopper, shopperOf } from '../middleware/require-shopper.js';
import { paths } from '../paths.js';
import type { LiveStreams } from '../live/live-streams.js';
import type { PurchaseNews } from '../live/live-updates.js';
import { purchaseIdParameter } from './parameters.js';

type Parts = { streams: LiveStreams; news: PurchaseNews };

/**
 * Streams of events that pages listen to: `changed` with the new version as id, whereupon the page fetches itself again, and
 * `settled` when nothing will change any more.
 */
export function newsRouter({ streams, news }: Parts): Router {
  const router = Router();

  router.get(paths.purchasesEvents, requireApiShopper, (request, response) => {
    const { id } = shopperOf(response);
    const stream = streams.open(response, id);
    const stop = news.followHistory(id, knownVersion(request), {
      changed: (version) => {
        stream.send({ event: 'changed', id: version, data: '' });
      },
    });
    void stream.ended.then(stop);
  });

  router.get(paths.purchaseEvents, requireApiShopper, (request, response) => {
    const { id: shopperId } = shopperOf(response);
    const purchaseId = purchaseIdParameter(request);
    const stream = streams.open(response, shopperId);
    const proof = request.query['accepted'];
    const stop = news.followPurchase({ shopperId, purchaseId, proof }, knownVersion(request), {
      changed: (state) => {
        stream.send({ event: 'changed', id: state, data: '' });
      },
      settled: () => {
        stream.send({ event: 'settled', id: 'settled', data: '' });
        stream.end();
      },
    });
    void stream.ended.then(stop);
  });

  return router;
}

/** What the page shows: what it heard last, or at first what it was made with. */
function knownVersion(request: Request): string {
  const { version } = request.query;
  return request.get('last-event-id') ?? (typeof version === 'string' ? version : '');
}
