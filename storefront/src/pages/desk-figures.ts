import type { Activity } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { SystemStatus } from '../operators/desk-watch.js';
import { freshnessDuration, recordedCount, storefrontCounts } from './desk-counts.js';

/** A key figure, what it counts, and when it was read. */
export type FigureView = { name: string; value: string; details: string[]; at: string | undefined };

/** The key figures. What is not known is said to be unknown, never none. */
export function figuresOf(status: SystemStatus, locale: PageLocale): FigureView[] {
  return [
    acceptedFigure(status, locale),
    recordedFigure(status, locale),
    unrecordedFigure(status, locale),
    deadLettersFigure(status, locale),
    freshnessFigure(status, locale),
  ];
}

function acceptedFigure({ storefront, at }: SystemStatus, { texts, formats }: PageLocale): FigureView {
  const { monitor } = texts.desk;
  return {
    name: monitor.accepted,
    value: formats.number(inLastMinute(storefront, storefrontCounts.accepted, at)),
    details: [monitor.byReplica(storefront.instance)],
    at: at.toISOString(),
  };
}

function recordedFigure({ purchaseService }: SystemStatus, { texts, formats }: PageLocale): FigureView {
  const { monitor } = texts.desk;
  if (purchaseService === undefined) return unknownFigure(monitor.recorded, monitor);
  const { activity, at } = purchaseService;
  return {
    name: monitor.recorded,
    value: formats.number(inLastMinute(activity, recordedCount, at)),
    details: [monitor.byReplica(activity.instance)],
    at: at.toISOString(),
  };
}

function unrecordedFigure({ unrecorded, storefront, at }: SystemStatus, locale: PageLocale): FigureView {
  const { formats, texts } = locale;
  const { monitor } = texts.desk;
  const { count, accuracy, isMore, oldestAt } = unrecorded;
  const number = isMore ? monitor.orMore(formats.number(count)) : formats.number(count);
  const value = { exact: number, estimated: monitor.about(number), 'at-most': monitor.atMost(number) }[
    accuracy
  ];
  return {
    name: monitor.unrecorded,
    value: count === 0 ? number : value,
    details: [
      monitor.unrecordedOfReplica(storefront.instance),
      ...(oldestAt === undefined
        ? []
        : [monitor.unrecordedOldest(formats.ago(at.getTime() - oldestAt.getTime()))]),
      ...(accuracy === 'at-most' && count > 0 ? [monitor.unrecordedUnsure] : []),
    ],
    at: unrecorded.at.toISOString(),
  };
}

function deadLettersFigure(
  { purchaseService, at }: SystemStatus,
  { texts, formats }: PageLocale,
): FigureView {
  const { monitor } = texts.desk;
  const letters = purchaseService?.activity.waitingDeadLetters;
  if (letters === undefined)
    return unknownFigure(monitor.deadLetters, monitor, purchaseService !== undefined);
  const { count, isMore, oldestAt } = letters;
  return {
    name: monitor.deadLetters,
    value: isMore ? monitor.orMore(formats.number(count)) : formats.number(count),
    details: [
      oldestAt === undefined
        ? monitor.deadLettersNone
        : monitor.deadLettersOldest(formats.ago(at.getTime() - Date.parse(oldestAt))),
      ...(isMore && count < 100 ? [monitor.deadLettersCounting] : []),
    ],
    at: letters.at,
  };
}

function freshnessFigure({ purchaseService }: SystemStatus, { texts, formats }: PageLocale): FigureView {
  const { monitor } = texts.desk;
  if (purchaseService?.activity.durations === undefined)
    return unknownFigure(monitor.freshness, monitor, purchaseService !== undefined);
  const { activity, at } = purchaseService;
  const freshness = activity.durations?.[freshnessDuration];
  // Buckets are not finer.
  const seconds = (value: number) => formats.seconds(Math.max(10, Math.round(value * 100) * 10));
  return {
    name: monitor.freshness,
    value:
      freshness === undefined
        ? '–'
        : monitor.freshnessOf(seconds(freshness.median), seconds(freshness.p99 ?? freshness.p90)),
    details: [
      freshness === undefined ? monitor.noneRecorded : monitor.freshnessMeans,
      monitor.byReplica(activity.instance),
    ],
    at: at.toISOString(),
  };
}

/** A figure that is not known yet, or that an earlier version of the purchase-service does not report. */
function unknownFigure(
  name: string,
  { unknown, neverAnswered }: PageLocale['texts']['desk']['monitor'],
  hasAnswered = false,
): FigureView {
  return { name, value: unknown, details: hasAnswered ? [] : [neverAnswered], at: undefined };
}

/** A count in the whole intervals of the last minute and in the interval that has not ended. */
function inLastMinute({ samples, current, intervalMs }: Activity, name: string, at: Date): number {
  const endMs = current === undefined ? at.getTime() : Date.parse(current.at);
  return [...samples.filter((sample) => endMs - Date.parse(sample.at) <= 60_000 - intervalMs), current]
    .map((sample) => sample?.counts[name] ?? 0)
    .reduce((sum, count) => sum + count, 0);
}
