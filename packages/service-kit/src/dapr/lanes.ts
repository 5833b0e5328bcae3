import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler } from 'express';

/**
 * A lane has its own connections to the sidecar and its own limit, so that calls of one kind never wait for those of another:
 * - `buying`: publishing, and recording what was published;
 * - `reads`: questions that a page or an API request waits for;
 * - `live`: questions for pages that are open;
 * - `exports`: exports and erasures, which ask many questions one after the other;
 * - `health`: health checks.
 */
export type Lane = 'buying' | 'reads' | 'live' | 'exports' | 'health';

export type LaneLimits = {
  /** The largest number of calls that the sidecar answers at the same time. Further calls wait. */
  connections: number;
  /** The largest number of calls in progress, with those that wait. Further calls fail at once: waiting longer does not help. */
  callsMax: number;
};

/** Half of the requests that a service admits by default, so that reads that hang leave room for buying. */
export const readsMaxDefault = 128;

/** The limits of all lanes. `readsMax` is the number of requests that may wait for reads at the same time. */
export function laneLimits(readsMax: number): Record<Lane, LaneLimits> {
  return {
    // The broker limits deliveries, and publications share two calls, so this lane needs no limit of its own.
    buying: { connections: 64, callsMax: Infinity },
    reads: { connections: 32, callsMax: readsMax },
    live: { connections: 8, callsMax: 256 },
    exports: { connections: 4, callsMax: 64 },
    health: { connections: 2, callsMax: 8 },
  };
}

const storage = new AsyncLocalStorage<Lane>();

/** Does work whose calls of the sidecar use a lane. Publications and creates use `buying` nevertheless. */
export function inLane<Result>(lane: Lane, work: () => Result): Result {
  return storage.run(lane, work);
}

/** The lane of the current work. */
export function currentLane(): Lane | undefined {
  return storage.getStore();
}

/** Answers requests in a lane. */
export function useLane(lane: Lane): RequestHandler {
  return function answerInLane(_request, _response, next) {
    inLane(lane, next);
  };
}
