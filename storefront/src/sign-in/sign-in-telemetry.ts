import { Counter, type Registry } from 'prom-client';

/** How a return from the issuer ends. `misconfigured`: the issuer refused the shop itself. */
export const signInOutcomes = ['signed-in', 'refused', 'failed', 'misconfigured', 'unavailable'] as const;

export type SignInOutcome = (typeof signInOutcomes)[number];

/** Counts the returns from the issuer by outcome. */
export type SignInTelemetry = { finished: (outcome: SignInOutcome) => void };

export function signInTelemetry(registry: Registry): SignInTelemetry {
  const finished = new Counter({
    name: 'sign_ins_total',
    help: 'Returns from the OpenID issuer by outcome',
    labelNames: ['outcome'] as const,
    registers: [registry],
  });
  // Present from the start, so that alerts see the first one.
  for (const outcome of signInOutcomes) finished.inc({ outcome }, 0);
  return {
    finished: (outcome) => {
      finished.inc({ outcome });
    },
  };
}
