import type { Totals } from '@unity-purchase/contracts';
import { sumsAsJson, type RunningTotals } from '@unity-purchase/numbered-log';

/** Running totals as the API returns them. */
export function apiTotals({ count, sums }: RunningTotals): Totals {
  return { count, sums: sumsAsJson(sums) };
}
