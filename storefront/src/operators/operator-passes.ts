import { createHash } from 'node:crypto';
import { tokenCheck } from '@unity-purchase/service-kit';
import { z } from 'zod';

/** A working day: operators can do more than shoppers, and sign in more often. */
const passMs = 8 * 60 * 60 * 1_000;

const passSchema = z.strictObject({ until: z.number(), by: z.string() });

/** What a session holds that was opened with the operators' token. */
export type OperatorPass = z.infer<typeof passSchema>;

/** Lets operators in by their token, for a day and for as long as it is the token. */
export type OperatorPasses = {
  /** A pass for whoever types the token. */
  open: (typed: string) => OperatorPass | undefined;
  /** Whether what a session holds is a pass that still counts. */
  isValid: (pass: unknown) => boolean;
};

export function createOperatorPasses(token: string, now: () => Date): OperatorPasses {
  const isToken = tokenCheck(token);
  // Passes name the token they were opened with, so that they end with it. The session that holds them is encrypted.
  const by = createHash('sha256').update(`operator pass ${token}`).digest('base64url');
  return {
    open: (typed) => (isToken(typed) ? { until: now().getTime() + passMs, by } : undefined),
    isValid: (pass) => {
      const { data } = passSchema.safeParse(pass);
      return data?.by === by && data.until > now().getTime();
    },
  };
}
