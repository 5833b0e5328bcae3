import type { Settings } from './settings.js';

/** The system with sidecars, or the same work with broker and store clients inside the services. */
export type Side = 'sidecars' | 'direct';

export const sides: readonly Side[] = ['sidecars', 'direct'];

/** The processes that spend processor time. */
export const workers = [
  'storefront',
  'storefront sidecar',
  'recorder',
  'recorder sidecar',
  'Kafka',
  'PostgreSQL',
  'FerretDB',
  'NATS',
  'benchmark',
] as const;

export type Worker = (typeof workers)[number];

/** Milliseconds of processor time per process. */
export type ProcessorTime = Readonly<Partial<Record<Worker, number>>>;

type Round = { side: Side; round: number; purchases: number; seconds: number; processorMs: ProcessorTime };

/** Purchases accepted from this many concurrent clients without pauses. */
export type AcceptRound = Round & { clients: number; p50Ms: number; p99Ms: number };

/** Purchases accepted at a constant rate. */
export type RateRound = Omit<Round, 'side'>;

/** The bare server: what it accepts without pauses, and at the rate of the freshness rounds. */
export type BareRounds = { accept: Omit<AcceptRound, 'side'>[]; atARate: RateRound[] };

/** Purchases recorded from a backlog, from the first observed to the last. */
export type DrainRound = Round;

/** Time from placing to recording, at a rate that both sides sustain. */
export type FreshnessRound = Round & { perSecond: number; p50Ms: number; p99Ms: number };

/** Requests refused by a full storefront, from clients that retry at once. */
export type RefuseRound = { round: number; refusals: number; p50Ms: number; p99Ms: number };

/** Buying at a constant rate, alone and while reads hang. `readsInProgress` were waiting when the purchases began. */
export type HangingReadsRound = {
  round: number;
  purchases: number;
  readsInProgress: number;
  alone: { p50Ms: number; p99Ms: number };
  whileReadsHang: { p50Ms: number; p99Ms: number };
};

/** A page: its bytes including assets, and its response times. */
export type PageFigure = { page: string; bytes: number; p50Ms: number; p99Ms: number };

/** What was recorded from a backlog of this size on a pair, which its title names. */
export type PairRounds = { pair: string; backlog: number; drain: DrainRound[] };

/** A service: how long each start took until it was ready, and its memory in MiB, at first and at most. */
export type ServiceFigure = { name: string; readyMs: number[]; idleMiB: number; peakMiB: number };

/** All measurements and the machine they were taken on. */
export type Results = {
  startedAt: string;
  settings: Settings;
  machine: Readonly<Record<string, string>>;
  accept: AcceptRound[];
  bare: BareRounds;
  drain: DrainRound[];
  otherPairs: PairRounds[];
  freshness: FreshnessRound[];
  /** The same with so few purchases that each is alone. */
  idleFreshness: FreshnessRound[];
  refuse: RefuseRound[];
  hangingReads: HangingReadsRound[];
  pages: PageFigure[];
  services: ServiceFigure[];
};

export const rateOf = ({ purchases, seconds }: Pick<Round, 'purchases' | 'seconds'>): number =>
  purchases / seconds;
