import { componentDefinitions } from '../servers/servers.js';

/**
 * Parts of the lines that a sidecar writes at every start or stop and that need no attention: mTLS, actors and the scheduler
 * are off on purpose. Such lines are stored with the output of the process but not shown.
 */
const routineSidecarLines = [
  'mTLS is disabled.',
  'Actor runtime disabled:',
  'No scheduler host addresses provided.',
  ...componentDefinitions.flatMap((definition) =>
    definition.server === undefined ? [] : (definition.routineSidecarLines ?? []),
  ),
];

/** Whether a line of a sidecar needs no attention. */
export function isRoutineSidecarLine(line: string): boolean {
  return routineSidecarLines.some((text) => line.includes(text));
}
