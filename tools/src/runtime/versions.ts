/** Every version of the runtime, in one place. */
export const versions = {
  /** Not 1.18.3: its dependencies cannot all be had from the Go module proxy, so it could not be built. */
  daprd: '1.18.2',
  'nats-server': '2.15.2',
  /** The oldest Go that builds both: the `go` line of daprd's go.mod. */
  goMinimum: '1.26.5',
} as const;

export const toolNames = ['daprd', 'nats-server'] as const;

/** A program that the runtime needs besides Node. */
export type ToolName = (typeof toolNames)[number];
