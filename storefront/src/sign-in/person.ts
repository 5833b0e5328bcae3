import { createHash } from 'node:crypto';
import { shopperIdSchema, shopperSchema, type Shopper } from '@unity-purchase/contracts';

/** Who an issuer says somebody is. */
export type Person = { shopper: Shopper; isOperator: boolean };

type Claims = Readonly<Record<string, unknown>> & { sub: string };

/**
 * The person that claims speak of. A subject that is no shopper's id (OpenID Connect allows 255 characters, a shopper's id
 * has 128) is one by its hash.
 */
export function personOf(claims: Claims, roles: { claim: string; operator: string }): Person {
  const { sub } = claims;
  const id = shopperIdSchema.safeParse(sub).data ?? createHash('sha256').update(sub).digest('hex');
  const names = [claims['name'], claims['preferred_username'], claims['nickname'], id, 'Shopper'];
  const shopper = names
    .map((name) => shopperSchema.safeParse({ id, name: typeof name === 'string' ? name.trim() : name }).data)
    .find((known) => known !== undefined);
  const held = claims[roles.claim];
  return {
    shopper: shopper ?? { id, name: 'Shopper' },
    isOperator: (Array.isArray(held) ? held : [held]).includes(roles.operator),
  };
}
