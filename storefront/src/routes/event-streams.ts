import { eventStreamHeaders } from '@unity-purchase/service-kit';
import { Router, type Request, type RequestHandler } from 'express';
import type { LiveStreams } from '../live/live-streams.js';
import type { LiveUpdates } from '../live/live-updates.js';
import { requireApiShopper, shopperOf } from '../middleware/require-shopper.js';
import { paths } from '../paths.js';
import { purchaseIdParameter } from './parameters.js';

export type EventStreamsDependencies = { streams: LiveStreams; updates: LiveUpdates };

/**
 * Event streams for open pages. `changed`, with the new version as its id, tells a page to reload itself. `settled` ends the
 * stream, because nothing will change again.
 */
export function eventStreamsRouter({ streams, updates }: EventStreamsDependencies): Router {
  const router = Router();

  router.get(paths.purchasesEvents, requireApiShopper, answerHead, (request, response) => {
    const { id } = shopperOf(response);
    const stream = streams.open(response, id);
    const stop = updates.followHistory(id, knownVersion(request), {
      changed: (version) => {
        stream.send({ event: 'changed', id: version, data: '' });
      },
    });
    void stream.ended.then(stop);
  });

  router.get(paths.purchaseEvents, requireApiShopper, answerHead, (request, response) => {
    const { id: shopperId } = shopperOf(response);
    const purchaseId = purchaseIdParameter(request);
    const stream = streams.open(response, shopperId);
    const proof = request.query['accepted'];
    const stop = updates.followPurchase({ shopperId, purchaseId, proof }, knownVersion(request), {
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

/** Answers HEAD with the headers of a stream. A stream without a reader would only take a place. */
export const answerHead: RequestHandler = function answerHeadOfStream(request, response, next) {
  if (request.method === 'HEAD') response.writeHead(200, eventStreamHeaders).end();
  else next();
};

/** The version that the page shows: that of the last event it received, or the one it was loaded with. */
export function knownVersion(request: Request): string {
  const { version } = request.query;
  return request.get('last-event-id') ?? (typeof version === 'string' ? version : '');
}
