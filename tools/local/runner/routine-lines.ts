/**
 * Lines that come with every start or stop and mean nothing to whoever watches: mTLS, actors and the scheduler are switched
 * off on purpose, and JetStream subscriptions end with their connection. They are kept with the other output of their
 * process, but not shown.
 */
const routineOfDaprd = [
  'mTLS is disabled.',
  'Actor runtime disabled:',
  'No scheduler host addresses provided.',
  'nats: connection draining',
];

/** Whether a line of a sidecar is one that always comes. */
export function isRoutineOfDaprd(line: string): boolean {
  return routineOfDaprd.some((text) => line.includes(text));
}
