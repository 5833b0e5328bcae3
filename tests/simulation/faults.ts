import type { Choices } from './choices.js';

/** How often what goes wrong in a schedule, as probabilities. */
export type Faults = {
  /** A write is refused before it does anything. */
  refusedWrites: number;
  /** A write is performed, and its answer is lost. */
  lostAnswers: number;
  /** A write fails for its sender and is performed up to half a minute later. */
  lateWrites: number;
  /** The sidecar performs a write twice and answers with the second result. */
  repeatedWrites: number;
  /** A call that writes several keys writes some of them, and fails. */
  partialWrites: number;
  failedReads: number;
  /** A read of several keys reads them at two moments. */
  tornReads: number;
  /** A process ends between two steps. */
  restarts: number;
  /** The broker has the event, and its acknowledgement is lost. */
  lostAcknowledgements: number;
  refusedPublications: number;
  /** An event is delivered once more: at the same time, or after it was acknowledged. */
  redeliveries: number;
};

export const noFaults: Faults = {
  refusedWrites: 0,
  lostAnswers: 0,
  lateWrites: 0,
  repeatedWrites: 0,
  partialWrites: 0,
  failedReads: 0,
  tornReads: 0,
  restarts: 0,
  lostAcknowledgements: 0,
  refusedPublications: 0,
  redeliveries: 0,
};

/** A schedule with few kinds of faults, each often, finds what a schedule with all of them hides. */
export function chooseFaults(choices: Choices): Faults {
  const rate = (rates: readonly number[]) => (choices.chance(0.4) ? choices.oneOf(rates) : 0);
  return {
    refusedWrites: rate([0.03, 0.15]),
    lostAnswers: rate([0.03, 0.15]),
    lateWrites: rate([0.03, 0.15]),
    repeatedWrites: rate([0.05, 0.3]),
    partialWrites: rate([0.1, 0.5]),
    failedReads: rate([0.02, 0.1]),
    tornReads: rate([0.2, 0.7]),
    restarts: rate([0.003, 0.02]),
    lostAcknowledgements: rate([0.1, 0.3]),
    refusedPublications: rate([0.1, 0.3]),
    redeliveries: rate([0.1, 0.5]),
  };
}
