import { expect, test } from '@jest/globals';
import { named } from '../policies/policy.js';
import { production, renderIn, withCopy } from './combinations.js';
import { manifestsIn } from './render.js';

test("the client's secret has the same name for the storefront and in the file of its secret store", async () => {
  const objects = await withCopy(async (copy) =>
    manifestsIn(await renderIn(copy, { ...production, option: 'oidc-client-secret' })),
  );
  const settings = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('storefront-settings'),
  );
  const { OIDC_CLIENT_SECRET_NAME: name = '' } = settings?.['data'] as Record<string, string>;
  const { target } = named(objects, 'ExternalSecret', 'storefront-secrets')['spec'] as {
    target: { template: { data: Record<string, string> } };
  };
  // As external-secrets fills it in.
  const file = (target.template.data['secrets.json'] ?? '').replaceAll(/\{\{.+?\}\}/g, '"secret"');
  expect(Object.keys(JSON.parse(file) as object)).toEqual(['session', name]);
});
