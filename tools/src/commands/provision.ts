import { parseArgs } from 'node:util';
import { components } from '@unity-purchase/contracts';
import { errorText } from '../error-text.js';
import { projectRoot } from '../project-root.js';
import { provisionBroker } from '../provisioning/provision-broker.js';
import { componentsOf } from '../runner/local-resources.js';
import { addressOf, withEnvironment } from '../servers/component-address.js';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { broker: { type: 'string', default: 'kafka' } },
    });
    const found = await componentsOf('broker', values.broker, projectRoot);
    const pubsub = found.find(({ name }) => name === components.pubsub);
    if (pubsub === undefined)
      throw new Error(`components/brokers/${values.broker} has no ${components.pubsub}`);
    const component = withEnvironment(pubsub);
    await provisionBroker(component);
    console.log(
      `${values.broker} at ${addressOf(component)?.text ?? 'this machine'} has what purchases need.`,
    );
    return 0;
  } catch (error) {
    console.error(errorText(error));
    return 1;
  }
}
