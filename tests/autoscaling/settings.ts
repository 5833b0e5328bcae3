import { readArguments } from '@unity-purchase/tools';

/** How long things are let go on in a run. */
export type Settings = {
  /** Shorter windows, for work on the run itself: then it proves less, and says so. */
  quick: boolean;
  /** How long a number of replicas is watched before it counts as staying. The autoscaler looks every 15 s. */
  holdMs: number;
  /** How long Prometheus and Kafka are away: longer than the scale-down window, which would hide any mistake until its end. */
  outageMs: number;
  /** What a quick run makes of the scale-down windows and periods of the manifests. */
  scaleDown: { stabilizationWindowSeconds: number; periodSeconds: number } | undefined;
};

const honest: Settings = { quick: false, holdMs: 60_000, outageMs: 390_000, scaleDown: undefined };

const quick: Settings = {
  quick: true,
  holdMs: 40_000,
  outageMs: 150_000,
  // Longer than a rate over a minute needs to be right again after Prometheus was away.
  scaleDown: { stabilizationWindowSeconds: 90, periodSeconds: 15 },
};

/** Throws for flags that there are not. */
export function readSettings(args: readonly string[]): Settings {
  const { values } = readArguments('test:autoscaling', args);
  return values.quick === true ? quick : honest;
}
