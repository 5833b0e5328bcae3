import { gateways, renderedCombinations } from '../rendering/combinations.js';
import type { Manifest } from '../rendering/render.js';
import { networkPoliciesIn, type NetworkPolicy } from './network-policy.js';

/** A rendered combination: the kustomize components it takes, and its network policies. */
export type Choice = {
  name: string;
  components: readonly string[];
  policies: readonly NetworkPolicy[];
  objects: readonly Manifest[];
};

/** Every overlay with every broker and every store. */
export async function everyChoice(): Promise<Choice[]> {
  return (await renderedCombinations()).map(({ name, overlay, broker, store, gateway, option, objects }) => ({
    name,
    components: [
      `broker-${broker}`,
      `store-${store}`,
      ...(usesOpenId(objects) ? ['openid-connect'] : []),
      ...(overlay === 'prod' || overlay === 'staging' ? [`gateway-${gateway ?? gateways[0]}`] : []),
      ...(overlay === 'dev' ? ['plain-servers/jaeger'] : []),
      ...(option === undefined ? [] : [option]),
    ],
    policies: networkPoliciesIn(objects),
    objects,
  }));
}

/** Whether the storefront signs shoppers in at an OpenID issuer, which it then has to reach. */
function usesOpenId(objects: readonly Manifest[]): boolean {
  return JSON.stringify(objects).includes('"OIDC_ISSUER"');
}
