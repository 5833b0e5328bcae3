import { CommunicationProtocolEnum, DaprClient, type LoggerOptions } from '@dapr/dapr';
import { toError } from '../errors/to-error.js';
import { DaprError } from './dapr-error.js';

/** The SDK logs to the console, past our logger; it reports failures as errors as well. */
const silent: LoggerOptions = {
  service: Object.fromEntries(
    ['error', 'warn', 'info', 'verbose', 'debug'].map((level) => [level, () => undefined]),
  ) as unknown as NonNullable<LoggerOptions['service']>,
};

/** Reads secrets through the sidecar. That happens only at the start, so the SDK's cost per call does not matter. */
export type SecretReader = {
  /** The secret with this name. @throws DaprError if the store or the secret does not exist */
  read: (store: string, name: string) => Promise<string>;
  close: () => Promise<void>;
};

/** Creates a reader whose client is created when the first secret is read. */
export function createSecretReader(port: number, apiToken: string | undefined): SecretReader {
  let client: DaprClient | undefined;
  return {
    read: async (store, name) => {
      client ??= new DaprClient({
        daprHost: '127.0.0.1',
        daprPort: String(port),
        communicationProtocol: CommunicationProtocolEnum.HTTP,
        logger: silent,
        ...(apiToken === undefined ? {} : { daprApiToken: apiToken }),
      });
      const secrets: unknown = await client.secret.get(store, name).catch((thrown: unknown) => {
        const cause = toError(thrown);
        throw new DaprError('failed', `the secret ${name} cannot be read from ${store}`, { cause });
      });
      const secret = (secrets as Record<string, unknown> | null | undefined)?.[name];
      if (typeof secret === 'string' && secret !== '') return secret;
      throw new DaprError('refused', `there is no secret ${name} in ${store}`);
    },
    close: async () => {
      await client?.stop();
    },
  };
}
