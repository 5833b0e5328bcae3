import { AppError } from '@unity-purchase/service-kit';
import { Router } from 'express';
import type { LiveStreams } from '../live/live-streams.js';
import { localeOf } from '../middleware/page-locale.js';
import { requireOperator } from '../middleware/require-operator.js';
import { versionOf, type DeskWatch } from '../operators/desk-watch.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { viewDesk } from '../pages/desk-overview.js';
import { operatorsEventsPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { answerHead, knownVersion } from './event-streams.js';

export type DeskOverviewDependencies = {
  passes: OperatorPasses;
  watch: DeskWatch;
  streams: LiveStreams;
  now: () => Date;
};

/** The first page of the desk and its event stream. */
export function deskOverviewRouter({ passes, watch, streams, now }: DeskOverviewDependencies): Router {
  const router = Router();

  router.get(paths.operators, requireOperator(passes), async (request, response) => {
    const locale = localeOf(response);
    const status = await watch.read();
    const isLive = request.query['updates'] !== 'off';
    response.render('desk', {
      title: locale.texts.desk.title,
      ...viewDesk(status, locale),
      eventsPath: isLive ? operatorsEventsPath(versionOf(status)) : undefined,
    });
  });

  router.get(paths.operatorsEvents, (request, response, next) => {
    const { operatorPass } = sessionOf(response);
    const expiry = passes.expiryOf(operatorPass);
    const operator = passes.operatorOf(operatorPass);
    if (expiry === undefined || operator === undefined) throw new AppError('not-signed-in');
    if (request.method === 'HEAD') {
      answerHead(request, response, next);
      return;
    }
    // Operators with the same token have the same name. The times of their sign-ins differ. Shopper ids have no line breaks.
    const stream = streams.open(response, `${operator}\n${expiry.getTime()}`);
    const end = setTimeout(stream.end, expiry.getTime() - now().getTime()).unref();
    let version = knownVersion(request);
    const stop = watch.watch((status) => {
      const current = versionOf(status);
      if (current === version) return;
      version = current;
      stream.send({ event: 'changed', id: current, data: '' });
    });
    void stream.ended.then(() => {
      clearTimeout(end);
      stop();
    });
  });

  return router;
}
