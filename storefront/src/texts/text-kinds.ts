/** What can be said of a purchase; see `PurchaseStatus`. */
export type PurchaseStateName = 'recorded' | 'superseded' | 'accepted' | 'delayed' | 'discarded' | 'unknown';

/** What can be wrong with a line of text that somebody typed. */
export type FieldProblems = {
  empty: (label: string) => string;
  tooLong: (label: string, max: number) => string;
  characters: (label: string) => string;
};
