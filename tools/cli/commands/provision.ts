import { parseArgs } from 'node:util';
import { components } from '@unity-purchase/contracts';
import { errorText } from '../../programs/error-text.js';
import { projectRoot } from '../../project-root.js';
import { provisionBroker } from '../../local/servers/provision-broker.js';
import { componentsOf } from '../../local/runner/local-resources.js';
import type { Component } from '../../local/runner/resource-documents.js';
import { addressOf, withEnvironment } from '../../local/servers/component-address.js';
import { exitCodes } from '../exit-codes.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let broker: string;
  let found: Component[];
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { broker: { type: 'string', default: '' } },
    });
    broker = values.broker;
    found = await componentsOf('broker', broker, projectRoot);
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.usageError;
  }
  try {
    const pubsub = found.find(({ name }) => name === components.pubsub);
    if (pubsub === undefined) throw new Error(`components/brokers/${broker} has no ${components.pubsub}`);
    const component = withEnvironment(pubsub);
    await provisionBroker(component);
    // Without the user and the password that an address may have.
    const hosts = addressOf(component)?.hosts.map(({ host, port }) => `${host}:${port}`);
    console.log(`${broker} at ${hosts?.join() ?? 'this machine'} has what purchases need.`);
    return 0;
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
}
