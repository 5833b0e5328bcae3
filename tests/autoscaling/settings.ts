import { readArguments } from '@unity-purchase/tools';

/** The durations of a run. */
export type Settings = {
  /** Shorter windows, for development. The report says that the run proves less. */
  quick: boolean;
  /** How long a number of replicas must stay the same. The autoscaler checks every 15 s. */
  holdMs: number;
  /** How long Prometheus and Kafka are unavailable: longer than the scale-down window, which would hide a mistake. */
  outageMs: number;
  /** Replaces the scale-down windows and periods of the manifests in a quick run. */
  scaleDown: { stabilizationWindowSeconds: number; periodSeconds: number } | undefined;
};

const full: Settings = { quick: false, holdMs: 60_000, outageMs: 390_000, scaleDown: undefined };

const quick: Settings = {
  quick: true,
  holdMs: 40_000,
  outageMs: 150_000,
  // After an outage of Prometheus, a rate over a minute needs this long to be correct again.
  scaleDown: { stabilizationWindowSeconds: 90, periodSeconds: 15 },
};

/** Reads the command line. Throws for an unknown flag. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:autoscaling', args);
  return values.quick === true ? quick : full;
}
