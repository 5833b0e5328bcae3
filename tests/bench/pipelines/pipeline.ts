import type { SupervisedProcess } from '@unity-purchase/tools';
import type { Side, Worker } from '../results.js';

/** The admission limit given to the storefronts. */
export const requestsMax = 256;

/** The operator token, and the sidecar token it requires. */
export const operatorAccess = {
  OPERATOR_TOKEN: 'of-those-who-measure-pages',
  APP_API_TOKEN: 'of-the-sidecar-that-is-measured',
};

/** Switches off the limits of one client on both sides, because clients here send orders without pauses and at once. */
export const withoutPause = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  REQUESTS_PER_CLIENT_MAX: '100000',
  REQUESTS_IN_FLIGHT_MAX: String(requestsMax),
};

/** Running processes and their kinds of work. */
export type RunningProcesses = () => readonly { worker: Worker; pid: number }[];

/** Returns those of the processes that run. */
export function runningOf(processes: readonly (readonly [Worker, SupervisedProcess])[]): RunningProcesses {
  return () => processes.flatMap(([worker, { pid }]) => (pid === undefined ? [] : [{ worker, pid }]));
}

/** A server that accepts purchases. */
export type Accepting = {
  /** Its address. It always runs. */
  storefront: string;
  /** The running processes that do its work. */
  processes: RunningProcesses;
};

/** What records purchases. It runs only between start and stop. */
export type Recorder = {
  /** Resolves when it is ready; waiting events may arrive a little later. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
  /** Purchases recorded since the start. */
  recorded: () => Promise<number>;
};

/** One path from the broker to the record. */
export type RecordingPipeline = {
  side: Side;
  /** The topic of its purchases. */
  topic: string;
  recorder: Recorder;
  /** The running processes that do its work. */
  processes: RunningProcesses;
};

/** One path from the order to its record. Both pipelines share only the broker and the store. */
export type Pipeline = Accepting &
  RecordingPipeline & {
    /** The consumer group that records its purchases. */
    group: string;
    recorder: {
      /** The recorded purchases of these shoppers. */
      read: (shopperIds: readonly string[]) => Promise<RecordedAge[]>;
    };
  };

/** When a purchase was placed and how long recording took. */
export type RecordedAge = { placedAtMs: number; ageMs: number };

/** The metric of every recorder that counts purchases recorded since its start. */
export const recordedMetric = 'purchases_recorded_total';
