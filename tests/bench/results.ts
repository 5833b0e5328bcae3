import type { Settings } from './settings.js';

/** The system as it is, or the same work with the clients of broker and store inside the two services. */
export type Side = 'sidecars' | 'direct';

export const sides: readonly Side[] = ['sidecars', 'direct'];

/** Who spends processor time. */
export const workers = [
  'storefront',
  'storefront sidecar',
  'recorder',
  'recorder sidecar',
  'Kafka',
  'PostgreSQL',
  'FerretDB',
  'benchmark',
] as const;

export type Worker = (typeof workers)[number];

/** Milliseconds of processor time, by who spent them. */
export type ProcessorTime = Readonly<Partial<Record<Worker, number>>>;

type Round = { side: Side; round: number; purchases: number; seconds: number; processorMs: ProcessorTime };

/** Purchases accepted by a storefront that is asked by so many clients at once, without a pause. */
export type AcceptRound = Round & { clients: number; p50Ms: number; p99Ms: number };

/** Purchases recorded out of a backlog, from the first that was seen to the last. */
export type DrainRound = Round;

/** From placing a purchase to its record, at a rate that both sides can keep up with. */
export type FreshnessRound = Round & { perSecond: number; p50Ms: number; p99Ms: number };

/** Requests that a full storefront refused, each by a client who asked again at once. */
export type RefuseRound = { round: number; refusals: number; p50Ms: number; p99Ms: number };

/** A page: its bytes with all that it needs, and how soon it was answered. */
export type PageFigure = { page: string; bytes: number; p50Ms: number; p99Ms: number };

/** Everything that was measured, and what it was measured on. */
export type Results = {
  startedAt: string;
  settings: Settings;
  machine: Readonly<Record<string, string>>;
  accept: AcceptRound[];
  drain: DrainRound[];
  freshness: FreshnessRound[];
  refuse: RefuseRound[];
  pages: PageFigure[];
};

export const rateOf = ({ purchases, seconds }: Pick<Round, 'purchases' | 'seconds'>): number =>
  purchases / seconds;
