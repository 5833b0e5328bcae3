import { parseEnv } from 'node:util';

/** What distinguishes an installation from others: its repository, branches, registry and addresses. */
export const installationFile = 'k8s/installation/installation.env';

/** What the steps of a release need of the installation. */
export type Installation = { registry: string; productionBranch: string };

/** Reads the file's text. Throws with the reason if a value is missing. */
export function readInstallation(text: string): Installation {
  const values = parseEnv(text);
  const valueOf = (name: string): string => {
    const value = values[name]?.trim() ?? '';
    if (value === '') throw new Error(`${installationFile} does not set ${name}. Set it, commit and push.`);
    return value;
  };
  return {
    registry: valueOf('REGISTRY').replace(/\/+$/, ''),
    productionBranch: valueOf('PRODUCTION_BRANCH'),
  };
}
