import { createHash } from 'node:crypto';
import { shopperIdSchema, visibleLine, type Shopper } from '@unity-purchase/contracts';

/** A person as the issuer describes them. */
export type Person = { shopper: Shopper; isOperator: boolean };

type Claims = Readonly<Record<string, unknown>> & { sub: string };

/**
 * The person described by claims. OpenID Connect allows subjects of 255 characters, a shopper id has at most 128. A subject that
 * is not a valid shopper id is replaced by its hash.
 */
export function personOf(claims: Claims, roles: { claim: string; operator: string }): Person {
  const { sub } = claims;
  const id = shopperIdSchema.safeParse(sub).data ?? createHash('sha256').update(sub).digest('hex');
  const name = [claims['name'], claims['preferred_username'], claims['nickname'], id]
    .map((claim) => visibleLine(100).safeParse(claim).data)
    .find((known) => known !== undefined);
  const held = claims[roles.claim];
  return {
    shopper: { id, name: name ?? 'Shopper' },
    isOperator: (Array.isArray(held) ? held : [held]).includes(roles.operator),
  };
}
