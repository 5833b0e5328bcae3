import { components } from '@unity-purchase/contracts';
import type { DaprGateway } from '@unity-purchase/service-kit';
import { readCatalogue } from './catalogue/catalogue.js';
import type { Configuration } from './config.js';

/** The name of the secret that seals sessions, in the Dapr secret store. */
const sessionSecretName = 'session';

const defaultCatalogue = new URL('../catalogue.json', import.meta.url);

export type Inputs = Awaited<ReturnType<typeof readInputs>>;

/**
 * Reads what the shop's dependencies are built from besides the configuration: secrets and the catalogue.
 *
 * @throws DaprError if a secret cannot be read; Error if the catalogue is not valid
 */
export async function readInputs(
  { catalogueFile, openId }: Pick<Configuration, 'catalogueFile' | 'openId'>,
  gateway: Pick<DaprGateway, 'readSecret'>,
) {
  const clientSecretName = openId?.clientSecretName;
  return {
    sessionSecret: await gateway.readSecret(components.secrets, sessionSecretName),
    clientSecret:
      clientSecretName === undefined
        ? undefined
        : await gateway.readSecret(components.secrets, clientSecretName),
    catalogue: await readCatalogue(catalogueFile ?? defaultCatalogue),
  };
}
