import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifests } from '../rendering/render.js';

/** The values of an installation that was configured. They do not depend on those of this checkout, which may be a fork's. */
export const configured = `# A shop.
REPOSITORY=https://git.test/our/shop.git
BRANCH=main
PRODUCTION_BRANCH=production

RUNBOOKS=https://git.test/our/shop/runbooks.md
REGISTRY=registry.test/our
PUBLIC_URL=https://shop.test
STAGING_URL=https://staging.shop.test
OIDC_ISSUER=https://sign-in.shop.test/realms/shop
OIDC_CLIENT_ID=storefront
TRUST_PROXY=1
TRACES_COLLECTOR=jaeger.traces.svc.cluster.local:4000
TRACES_COLLECTOR_APP=jaeger
`;

/** The lines `KEY=value` of a file of values, which are the data of the cluster's ConfigMap. */
export function valuesIn(installation: string): string {
  return installation.replaceAll(/^(#.*)?\n/gm, '');
}

/** Copies the scripts, with other values of the installation, into a folder. Resolves to the folder of the scripts. */
export async function scriptsWith(folder: string, installation: string): Promise<string> {
  const k8s = join(folder, 'k8s');
  for (const part of ['scripts', 'infrastructure/charts.yaml', 'argocd', 'installation'])
    await cp(join(manifests, part), join(k8s, part), { recursive: true });
  await writeFile(join(k8s, 'installation/installation.env'), installation);
  return join(k8s, 'scripts');
}
