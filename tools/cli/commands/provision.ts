import { components } from '@unity-purchase/contracts';
import { projectRoot } from '../../project-root.js';
import { componentsOf } from '../../local/runner/local-resources.js';
import { addressOf, withEnvironment } from '../../local/servers/component-address.js';
import { provisionBroker } from '../../local/servers/provision-broker.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

process.exitCode = await runCommand('provision', async () => {
  const { broker } = readArguments('provision', process.argv.slice(2)).values;
  if (broker === undefined) throw new UsageError('--broker is required.');
  const found = await componentsOf('broker', broker, projectRoot).catch((cause: unknown) => {
    throw new UsageError((cause as Error).message, { cause });
  });
  const pubsub = found.find(({ name }) => name === components.pubsub);
  if (pubsub === undefined)
    throw new Error(`components/brokers/${broker} has no component ${components.pubsub}.`);
  const component = withEnvironment(pubsub);
  await provisionBroker(found.map((one) => withEnvironment(one)));
  // Only hosts and ports: the address may contain a user name and a password.
  const hosts = addressOf(component)?.hosts.map(({ host, port }) => `${host}:${port}`);
  console.log(`${broker} at ${hosts?.join() ?? 'this machine'} is ready for purchases.`);
});
