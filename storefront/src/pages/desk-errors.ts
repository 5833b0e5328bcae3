import type { AppError } from '@unity-purchase/service-kit';
import type { DeskLocals } from '../middleware/desk-locals.js';
import type { PageLocale } from '../middleware/page-locale.js';
import { failingPartOf, type FailingPart } from '../operators/failing-part.js';
import { hasText } from '../texts/problem-texts.js';
import { runbookSections } from './desk-problems.js';

/** An error as the desk shows it: what happened, what it means, since when, and what to do. */
export type DeskErrorView = {
  title: string;
  message: string;
  since: string | undefined;
  todo: string | undefined;
  /** The section of the runbooks. */
  runbook: string | undefined;
};

/** Describes an error to an operator: the part that fails, instead of what a shopper would do. */
export function viewDeskError(error: AppError, desk: DeskLocals, locale: PageLocale): DeskErrorView {
  const { errors, desk: texts } = locale.texts;
  if (error.code === 'desk-unavailable' || error.code === 'dead-letters-unavailable')
    return viewFailingPart(failingPartOf(error), desk, locale);
  const { failures } = texts;
  const plain = (text: { title: string; message: string }): DeskErrorView => ({
    ...text,
    since: undefined,
    todo: undefined,
    runbook: undefined,
  });
  if (error.code === 'purchase-not-found') return plain(failures.purchaseNotFound);
  if (hasText(error.code)) return plain(errors.byCode[error.code]);
  if (error.status === 404) return plain(failures.notFound);
  return plain(error.status < 500 ? failures.refused : failures.unexpected);
}

function viewFailingPart(
  part: FailingPart,
  { failure }: DeskLocals,
  { texts, formats }: PageLocale,
): DeskErrorView {
  const { failures, monitor } = texts.desk;
  const since = failure?.part === part ? failure.since : undefined;
  return {
    title: monitor.known[part].what,
    message: `${failures.byPart[part].here} ${monitor.known[part].means}`,
    since: since && failures.since(formats.clockTime(since.toISOString())),
    todo: failures.byPart[part].todo,
    // On the desk, only a replay needs the broker.
    runbook: part === 'broker' ? 'SidecarCannotPublish' : runbookSections[part],
  };
}
