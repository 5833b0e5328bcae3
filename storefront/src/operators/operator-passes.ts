import { createHash } from 'node:crypto';
import { tokenHolder } from '@unity-purchase/contracts';
import { tokenCheck } from '@unity-purchase/service-kit';
import { z } from 'zod';

/** A working day. Operators have more rights than shoppers, so their passes expire sooner. */
const passMs = 8 * 60 * 60 * 1_000;

const passSchema = z.strictObject({ until: z.number(), by: z.string(), operator: z.string() });

/** Proof in a session that its owner is an operator. */
export type OperatorPass = z.infer<typeof passSchema>;

/** Issues and checks passes for operators. A pass expires after a working day, or when its token or issuer changes. */
export type OperatorPasses = {
  /** Whether operators can sign in with a token. */
  byToken: boolean;
  /** A pass, if the token is correct. `shopperId`, if the operator is also signed in as a shopper, appears in the audit log. */
  open: (typed: string, shopperId: string | undefined) => OperatorPass | undefined;
  /** A pass for a person to whom the issuer gave the operator role. `id` appears in the audit log. */
  openByRole: (id: string) => OperatorPass;
  /** The operator's name from a pass; undefined if it is not a pass or no longer valid. */
  operatorOf: (pass: unknown) => string | undefined;
  /** When a valid pass expires; undefined if it is not one. */
  expiryOf: (pass: unknown) => Date | undefined;
};

/** Passes for a token, for a role from an issuer, or for both. */
export function createOperatorPasses(
  { token, issuer }: { token: string | undefined; issuer: string | undefined },
  now: () => Date,
): OperatorPasses {
  const isToken = tokenCheck(token);
  // A pass contains a digest of its token or issuer, so it becomes invalid when they change. Sessions are encrypted.
  const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
  const byToken = digest(`operators' token ${token ?? ''}`);
  const byRole = digest(`operators' role ${issuer ?? ''}`);
  const accepted = [...(token === undefined ? [] : [byToken]), ...(issuer === undefined ? [] : [byRole])];
  const validPass = (pass: unknown): OperatorPass | undefined => {
    const { data } = passSchema.safeParse(pass);
    const isValid = data !== undefined && accepted.includes(data.by) && data.until > now().getTime();
    return isValid ? data : undefined;
  };
  const passBy = (by: string, operator: string) => ({ until: now().getTime() + passMs, by, operator });
  return {
    byToken: token !== undefined,
    open: (typed, shopperId) => (isToken(typed) ? passBy(byToken, tokenHolder(shopperId)) : undefined),
    openByRole: (id) => passBy(byRole, id),
    operatorOf: (pass) => validPass(pass)?.operator,
    expiryOf: (pass) => {
      const valid = validPass(pass);
      return valid && new Date(valid.until);
    },
  };
}
