import type { Activity } from '@unity-purchase/contracts';
import type { PageLocale } from '../middleware/page-locale.js';
import type { SystemStatus } from '../operators/desk-watch.js';
import { storefrontCounts } from './desk-counts.js';

/** The parts of the system, in the order in which the page shows them. */
export const partNames = [
  'storefront',
  'storefrontSidecar',
  'broker',
  'purchaseService',
  'purchaseServiceSidecar',
  'stateStore',
] as const;

export type PartName = (typeof partNames)[number];

export type PartState = 'up' | 'down' | 'unknown';

/** A part of the system, its status, what that means for shoppers, and when it was known. */
export type PartView = { name: string; state: PartState; means: string; at: string };

/** All parts, with their status. */
export function partsOf(status: SystemStatus, { texts }: PageLocale): PartView[] {
  return partNames.map((part) => {
    const state = stateOfPart(part, status);
    return {
      name: texts.desk.parts[part].name,
      state,
      means: texts.desk.parts[part][state],
      at: status.at.toISOString(),
    };
  });
}

/** The status of a part, as this replica of the storefront knows it. */
export function stateOfPart(part: PartName, status: SystemStatus): PartState {
  const { storefront, failure, purchaseService } = status;
  // Only the purchase-service knows its own parts, so an old answer says nothing about them now.
  const answer = failure === undefined ? purchaseService?.activity : undefined;
  switch (part) {
    case 'storefront':
      return 'up';
    case 'storefrontSidecar':
      return failure?.part === part ? 'down' : checkOf(storefront, 'sidecar');
    case 'broker':
      return brokerState(storefront);
    case 'purchaseService':
      // Only an answer says that its store fails.
      if (failure === undefined || failure.part === 'stateStore') return 'up';
      return failure.part === 'storefrontSidecar' ? 'unknown' : 'down';
    case 'purchaseServiceSidecar':
      return checkOf(answer, 'sidecar');
    case 'stateStore':
      return failure?.part === part ? 'down' : checkOf(answer, 'statestore');
  }
}

function checkOf(activity: Activity | undefined, name: string): PartState {
  return activity?.checks.find((check) => check.name === name)?.status ?? 'unknown';
}

/** The broker's health check says nothing without recent orders, so its status derives from those of the last ten minutes. */
function brokerState({ samples, current }: Activity): PartState {
  const { accepted, notPlaced } = storefrontCounts;
  const last = [...samples, ...(current === undefined ? [] : [current])].findLast(
    ({ counts }) => (counts[accepted] ?? 0) + (counts[notPlaced] ?? 0) > 0,
  );
  if (last === undefined) return 'unknown';
  return (last.counts[notPlaced] ?? 0) > 0 ? 'down' : 'up';
}
