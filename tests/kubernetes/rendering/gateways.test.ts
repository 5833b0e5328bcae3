import { expect, test } from '@jest/globals';
import { named } from '../policies/policy.js';
import { production, renderIn, withCopy, type Gateway } from './combinations.js';
import { manifestsIn, type Manifest } from './render.js';

const objectsWith = async (gateway: Gateway): Promise<Manifest[]> =>
  withCopy(async (copy) => manifestsIn(await renderIn(copy, { ...production, gateway })));

test('Traefik serves the storefront only where it ends TLS', async () => {
  const { metadata, spec } = named(await objectsWith('traefik'), 'Ingress', 'storefront');
  expect(metadata.annotations).toHaveProperty(
    ['traefik.ingress.kubernetes.io/router.entrypoints'],
    'websecure',
  );
  expect(spec).toHaveProperty('tls');
});

test('every gateway that speaks the Gateway API has the same route', async () => {
  const [envoy, cilium] = [await objectsWith('envoy'), await objectsWith('cilium')];
  expect(named(envoy, 'HTTPRoute', 'storefront')).toEqual(named(cilium, 'HTTPRoute', 'storefront'));
});
