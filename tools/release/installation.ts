import { parseEnv } from 'node:util';
import { main } from './git.js';

/** What distinguishes an installation from others: its repository, branches, registry and addresses. */
export const installationFile = 'k8s/installation/installation.env';

/** What the steps of a release need of the installation. */
export type Installation = { registry: string; productionBranch: string };

/** Reads the file's text. Throws with the reason if a value is missing, or if staging follows a branch that no release reaches. */
export function readInstallation(text: string): Installation {
  const values = parseEnv(text);
  const valueOf = (name: string): string => {
    const value = values[name]?.trim() ?? '';
    if (value === '') throw new Error(`${installationFile} does not set ${name}. Set it, commit and push.`);
    return value;
  };
  const installation = {
    registry: valueOf('REGISTRY').replace(/\/+$/, ''),
    productionBranch: valueOf('PRODUCTION_BRANCH'),
  };
  const branch = valueOf('BRANCH');
  if (branch !== main.branch)
    throw new Error(
      `${installationFile} has BRANCH=${branch}, but releases change only ${main.branch}, so staging would never get them. ` +
        `Set BRANCH=${main.branch} there.`,
    );
  return installation;
}

/** The host of a registry: `ghcr.io` of `ghcr.io/unity-purchase`. */
export function hostOf(registry: string): string {
  return registry.split('/')[0] ?? registry;
}
