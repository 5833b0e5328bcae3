import { createHash } from 'node:crypto';
import { namelessOperators } from '@unity-purchase/contracts';
import { tokenCheck } from '@unity-purchase/service-kit';
import { z } from 'zod';

/** A working day: operators can do more than shoppers, and sign in more often. */
const passMs = 8 * 60 * 60 * 1_000;

const passSchema = z.strictObject({ until: z.number(), by: z.string(), operator: z.string() });

/** What an operator's session holds. */
export type OperatorPass = z.infer<typeof passSchema>;

/** Lets operators in, for a day and for as long as there is what they were let in by. */
export type OperatorPasses = {
  /** Whether there is a token to type. */
  byToken: boolean;
  /** A pass for whoever types the token. */
  open: (typed: string) => OperatorPass | undefined;
  /** A pass for somebody of whom the issuer says that they are an operator, under the id that it knows them by. */
  openByRole: (id: string) => OperatorPass;
  /** Who the operator is whose session holds this; undefined if it is no pass, or one that counts no more. */
  operatorOf: (pass: unknown) => string | undefined;
};

/** Passes for a `token`, for a role that an `issuer` gives, or for both. */
export function createOperatorPasses(
  { token, issuer }: { token: string | undefined; issuer: string | undefined },
  now: () => Date,
): OperatorPasses {
  const isToken = tokenCheck(token);
  // Passes name what they were opened by, so that they end with it. The session that holds them is encrypted.
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const byToken = digest(`operators' token ${token ?? ''}`);
  const byRole = digest(`operators' role ${issuer ?? ''}`);
  const accepted = [...(token === undefined ? [] : [byToken]), ...(issuer === undefined ? [] : [byRole])];
  const passBy = (by: string, operator: string) => ({ until: now().getTime() + passMs, by, operator });
  return {
    byToken: token !== undefined,
    open: (typed) => (isToken(typed) ? passBy(byToken, namelessOperators.withToken) : undefined),
    openByRole: (id) => passBy(byRole, id),
    operatorOf: (pass) => {
      const { data } = passSchema.safeParse(pass);
      if (data === undefined || !accepted.includes(data.by) || data.until <= now().getTime())
        return undefined;
      return data.operator;
    },
  };
}
