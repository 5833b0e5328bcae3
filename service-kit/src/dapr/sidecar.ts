import { CommunicationProtocolEnum, DaprClient, type LoggerOptions } from '@dapr/dapr';
import { DaprError } from './dapr-error.js';

/** The SDK logs to the console, past our logger and its rules; its failures reach us as errors. */
const silent: LoggerOptions = {
  service: Object.fromEntries(
    ['error', 'warn', 'info', 'verbose', 'debug'].map((level) => [level, () => undefined]),
  ) as unknown as NonNullable<LoggerOptions['service']>,
};

/** What is asked of the sidecar a few times in a life, and not on the hot path: there the SDK serves well. */
export type Sidecar = {
  /** Resolves once the sidecar answers. @throws DaprError after some thirty seconds without one. */
  waitUntilUp: () => Promise<void>;
  /** A secret by its name. @throws DaprError if the store or the secret is not there. */
  secret: (store: string, name: string) => Promise<string>;
  close: () => Promise<void>;
};

export function createSidecar(port: number, apiToken: string | undefined): Sidecar {
  const client = new DaprClient({
    daprHost: '127.0.0.1',
    daprPort: String(port),
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    logger: silent,
    ...(apiToken === undefined ? {} : { daprApiToken: apiToken }),
  });
  return {
    waitUntilUp: async () => {
      try {
        await client.start();
      } catch (cause) {
        throw new DaprError('not-sent', `no sidecar answers on port ${port}`, { cause });
      }
    },
    secret: async (store, name) => {
      try {
        const secret = (await client.secret.get(store, name)) as Record<string, unknown>;
        const value = secret[name];
        if (typeof value === 'string' && value !== '') return value;
      } catch (cause) {
        throw new DaprError('failed', `the secret ${name} cannot be read from ${store}`, { cause });
      }
      throw new DaprError('refused', `there is no secret ${name} in ${store}`);
    },
    close: () => client.stop(),
  };
}
