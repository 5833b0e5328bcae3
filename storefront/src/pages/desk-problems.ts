import type { Activity } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { SystemStatus } from '../operators/desk-watch.js';
import { paths } from '../paths.js';
import { freshnessDuration, retriedCount } from './desk-counts.js';
import { stateOfPart, type PartName } from './desk-parts.js';

/** What can be wrong. */
export type ProblemKind =
  Exclude<PartName, 'storefront'> | 'notRecorded' | 'deadLetters' | 'retried' | 'slow';

/** A problem: what is wrong, what that means for shoppers, and where to find what to do. */
export type ProblemView = {
  what: string;
  /** Since when, how many, or how much. */
  detail: string | undefined;
  means: string;
  /** The section of the runbooks. */
  section: string;
  /** The page of the desk where an operator acts. */
  page: { path: string; text: string } | undefined;
};

/** The alerts whose runbooks say what to do. */
export const runbookSections: Readonly<Record<ProblemKind, string>> = {
  storefrontSidecar: 'HealthCheckFailing',
  broker: 'PurchasesNotPlaced',
  purchaseService: 'ServiceUnseen',
  purchaseServiceSidecar: 'HealthCheckFailing',
  stateStore: 'HealthCheckFailing',
  notRecorded: 'PurchasesNotRecorded',
  deadLetters: 'DeadLettersArrived',
  retried: 'PurchaseEventsRetried',
  slow: 'PurchaseFreshnessBudgetBurning',
};

/** A purchase is usually recorded within a second. After this time it is certainly late. */
const recordedWithinMs = 30_000;

/** As in the alert PurchaseEventsRetried. */
const retriedMax = 10;

/** As in the budget of the alert PurchaseFreshnessBudgetBurning. */
const freshSeconds = 5;

/** The problems that are known, those first that keep shoppers from buying. */
export function problemsOf(status: SystemStatus, locale: PageLocale): ProblemView[] {
  const { monitor } = locale.texts.desk;
  const { formats } = locale;
  const problem = (kind: ProblemKind, detail?: string, page?: ProblemView['page']): ProblemView => ({
    ...monitor.known[kind],
    detail,
    section: runbookSections[kind],
    page,
  });
  const failing = parts
    .filter((part) => stateOfPart(part, status) === 'down')
    .map((part) => problem(part, part === status.failure?.part ? sinceText(status, locale) : undefined));
  const { unrecorded, purchaseService } = status;
  const activity = purchaseService?.activity;
  const waitedMs =
    unrecorded.oldestAt === undefined ? 0 : status.at.getTime() - unrecorded.oldestAt.getTime();
  const others: (ProblemView | undefined)[] = [
    failing.length === 0 && unrecorded.accuracy !== 'at-most' && waitedMs > recordedWithinMs
      ? problem('notRecorded', monitor.unrecordedOldest(formats.ago(waitedMs)))
      : undefined,
    deadLettersWait(activity)
      ? problem('deadLetters', deadLettersText(status, locale), {
          path: paths.deadLetters,
          text: monitor.decide,
        })
      : undefined,
    retriedIn(activity) > retriedMax
      ? problem('retried', monitor.retriedCount(formats.number(retriedIn(activity))))
      : undefined,
    slowSeconds(activity) > freshSeconds
      ? problem('slow', monitor.slowBy(formats.seconds(slowSeconds(activity) * 1_000)))
      : undefined,
  ];
  return [...failing, ...others.filter((each) => each !== undefined)];
}

/** In the order of their importance for shoppers. */
const parts = [
  'storefrontSidecar',
  'broker',
  'purchaseService',
  'purchaseServiceSidecar',
  'stateStore',
] as const satisfies ProblemKind[];

function sinceText({ failure, at }: SystemStatus, { texts, formats }: PageLocale): string | undefined {
  if (failure === undefined) return undefined;
  const ago = formats.ago(at.getTime() - failure.since.getTime());
  return texts.desk.monitor.since(formats.clockTime(failure.since.toISOString()), ago);
}

function deadLettersWait(activity: Activity | undefined): boolean {
  return (activity?.waitingDeadLetters?.count ?? 0) > 0;
}

/** How many dead letters wait, and since when. */
function deadLettersText({ at, purchaseService }: SystemStatus, { texts, formats }: PageLocale): string {
  const { monitor } = texts.desk;
  const { count = 0, isMore = false, oldestAt } = purchaseService?.activity.waitingDeadLetters ?? {};
  const number = isMore ? monitor.orMore(formats.number(count)) : formats.number(count);
  if (oldestAt === undefined) return number;
  return `${number}, ${monitor.deadLettersOldest(formats.ago(at.getTime() - Date.parse(oldestAt)))}`;
}

function retriedIn(activity: Activity | undefined): number {
  const samples = [...(activity?.samples ?? []), ...(activity?.current ? [activity.current] : [])];
  return samples.reduce((sum, { counts }) => sum + (counts[retriedCount] ?? 0), 0);
}

function slowSeconds(activity: Activity | undefined): number {
  return activity?.durations?.[freshnessDuration]?.p99 ?? 0;
}
