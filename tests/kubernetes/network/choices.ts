import { renderedCombinations } from '../rendering/combinations.js';
import type { Manifest } from '../rendering/render.js';
import { networkPoliciesIn, type NetworkPolicy } from './network-policy.js';

/** What somebody may choose, by the folders of components that it takes, with the policies that it renders to. */
export type Choice = {
  name: string;
  components: readonly string[];
  policies: readonly NetworkPolicy[];
  objects: readonly Manifest[];
};

/** Every overlay with every broker and every store. */
export async function everyChoice(): Promise<Choice[]> {
  return (await renderedCombinations()).map(({ name, broker, store, objects }) => ({
    name,
    components: [`broker-${broker}`, `store-${store}`, ...(asksAnIssuer(objects) ? ['openid-connect'] : [])],
    policies: networkPoliciesIn(objects),
    objects,
  }));
}

/** Whether the storefront lets an issuer sign people in, so that it has to reach one. */
function asksAnIssuer(objects: readonly Manifest[]): boolean {
  return JSON.stringify(objects).includes('"OIDC_ISSUER"');
}
