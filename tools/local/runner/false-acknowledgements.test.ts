import { describe, expect, test } from '@jest/globals';
import { builtDaprdVersion } from '../../programs/daprd-recipe.js';
import { versions } from '../../programs/versions.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { requireTrueAcknowledgements } from './false-acknowledgements.js';

/** The outcome for a broker and a sidecar that prints `version`. */
async function outcomeOf(type: string, version: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  await using folder = await temporaryFolder();
  const daprd = await folder.write('daprd', `#!/bin/sh\necho ${version}\n`, 0o755);
  const component = { name: 'pubsub', type, metadata: new Map<string, string>() };
  return await requireTrueAcknowledgements([component], daprd, env).then(() => 'accepted', String);
}

describe('requireTrueAcknowledgements', () => {
  test('refuses RabbitMQ with an official sidecar, and says what to do', async () => {
    const refusal = await outcomeOf('pubsub.rabbitmq', versions.daprd);
    expect(refusal).toContain('RabbitMQ may lose purchases with this sidecar');
    expect(refusal).toContain('ALLOW_LOST_PURCHASES=true');
  });

  test('accepts RabbitMQ with our build, and with an official sidecar when the loss is accepted', async () => {
    expect(await outcomeOf('pubsub.rabbitmq', builtDaprdVersion)).toBe('accepted');
    const env = { ALLOW_LOST_PURCHASES: 'true' };
    expect(await outcomeOf('pubsub.rabbitmq', versions.daprd, env)).toBe('accepted');
  });

  test.each(['pubsub.kafka', 'pubsub.jetstream', 'pubsub.redis', 'pubsub.mqtt3', 'pubsub.in-memory'])(
    'accepts %s with any sidecar',
    async (type) => {
      expect(await outcomeOf(type, versions.daprd)).toBe('accepted');
    },
  );
});
