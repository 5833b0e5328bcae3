import type { RebuildCounts, RebuildTarget } from '@unity-purchase/contracts';

/** What is compared, and what may be changed. */
export type RebuildOptions = {
  target: RebuildTarget;
  /** Whether differences are repaired. Otherwise nothing is changed. */
  isRepairing: boolean;
  /** Whether a repair replaces segments that cannot be read. Their content is lost then. */
  replacesUnreadable: boolean;
  /** Whether a repair removes entries of the journal that no history has. They are the last trace of their purchases. */
  removesUnknown: boolean;
};

/**
 * What is younger may still be on its way: an event is delivered for up to sixteen minutes, and clocks differ. It does not count
 * as a difference.
 */
const recentMs = 20 * 60_000;

/** Whether something happened so recently that it may not be stored everywhere yet. */
export function isRecent(time: string, now: Date): boolean {
  return Date.parse(time) > now.getTime() - recentMs;
}

/** How many damaged segments of one log are named. The others are repaired like these. */
export const damagesMax = 1_000;

export function noCounts(): RebuildCounts {
  return { entries: 0, shoppers: 0, recent: 0, differences: 0, repaired: 0 };
}
