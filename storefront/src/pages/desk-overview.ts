import { appIds, type Activity } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { Texts } from '../texts/languages.js';
import { drawLines, perMinute, type LineChart } from './line-chart.js';

/** A part of the system, its status, and what that means for shoppers. */
export type PartView = { name: string; state: 'up' | 'down' | 'unknown'; means: string };

/** The content of the desk's first page. */
export type DeskOverview = {
  parts: PartView[];
  services: { title: string; charts: LineChart[] }[];
};

/** The names of the storefront's counts in its activity. */
export const storefrontCounts = {
  accepted: 'accepted',
  notPlaced: 'not-placed',
  requests: 'requests',
} as const;

// The names in the activity of the purchase-service.
const recordedCount = 'recorded';
const freshnessDuration = 'freshness';

/** The overview from the activity of one replica of each service; `other` is undefined if the purchase-service does not answer. */
export function viewDesk(own: Activity, other: Activity | undefined, locale: PageLocale): DeskOverview {
  return {
    parts: partsOf(own, other, locale.texts),
    services: [
      { title: titleOf(appIds.storefront, own, locale), charts: chartsOfStorefront(own, locale) },
      ...(other === undefined
        ? []
        : [
            {
              title: titleOf(appIds.purchaseService, other, locale),
              charts: chartsOfPurchaseService(other, locale),
            },
          ]),
    ],
  };
}

function partsOf(own: Activity, other: Activity | undefined, { desk }: Texts): PartView[] {
  const part = (name: keyof typeof desk.parts, state: PartView['state']): PartView => ({
    name: desk.parts[name].name,
    state,
    means: desk.parts[name][state],
  });
  return [
    part('storefront', 'up'),
    part('storefrontSidecar', checkOf(own, 'sidecar')),
    part('broker', brokerState(own)),
    part('purchaseService', other === undefined ? 'down' : 'up'),
    part('purchaseServiceSidecar', checkOf(other, 'sidecar')),
    part('stateStore', checkOf(other, 'statestore')),
  ];
}

function checkOf(activity: Activity | undefined, name: string): PartView['state'] {
  return activity?.checks.find((check) => check.name === name)?.status ?? 'unknown';
}

/** The broker's health check says nothing without recent orders, so its status derives from those of the last ten minutes. */
function brokerState({ samples }: Activity): PartView['state'] {
  const { accepted, notPlaced } = storefrontCounts;
  const last = samples.findLast(({ counts }) => (counts[accepted] ?? 0) + (counts[notPlaced] ?? 0) > 0);
  if (last === undefined) return 'unknown';
  return (last.counts[notPlaced] ?? 0) > 0 ? 'down' : 'up';
}

function titleOf(service: string, { instance }: Activity, { texts }: PageLocale): string {
  return texts.desk.activityOf(service, instance);
}

function chartsOfStorefront({ samples, intervalMs }: Activity, locale: PageLocale): LineChart[] {
  if (samples.length === 0) return [];
  const { desk } = locale.texts;
  const { accepted, requests } = storefrontCounts;
  return [
    drawLines(
      { id: 'accepted', title: desk.accepted, intervalMs },
      [{ values: perMinute(samples, accepted, intervalMs) }],
      locale,
    ),
    drawLines(
      { id: 'requests', title: desk.requests, intervalMs },
      [{ values: perMinute(samples, requests, intervalMs) }],
      locale,
    ),
  ];
}

function chartsOfPurchaseService({ samples, intervalMs }: Activity, locale: PageLocale): LineChart[] {
  if (samples.length === 0) return [];
  const { desk } = locale.texts;
  const freshness = samples.map(({ durations }) => durations[freshnessDuration]);
  return [
    drawLines(
      { id: 'recorded', title: desk.recorded, intervalMs },
      [{ values: perMinute(samples, recordedCount, intervalMs) }],
      locale,
    ),
    drawLines(
      { id: 'freshness', title: desk.freshness, intervalMs },
      [
        { name: desk.median, values: freshness.map((each) => each?.median) },
        { name: desk.p90, values: freshness.map((each) => each?.p90) },
      ],
      locale,
    ),
  ];
}
