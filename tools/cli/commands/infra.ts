import { errorText } from '../../programs/error-text.js';
import { BackgroundServers } from '../../local/background/background-servers.js';
import { projectRoot } from '../../project-root.js';
import { provisionBroker } from '../../local/servers/provision-broker.js';
import { choicesOf } from '../../local/runner/choose-resources.js';
import { componentsOf, defaultDataDir } from '../../local/runner/local-resources.js';
import { addressOf } from '../../local/servers/component-address.js';
import type { ServerDefinition } from '../../local/servers/server-definition.js';
import { serverNamed, servers } from '../../local/servers/servers.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';

const serverNames = servers.map(({ name }) => name);
const background = new BackgroundServers(defaultDataDir(projectRoot));

process.exitCode = await exitingOnInterrupts(() => main(process.argv.slice(2)));

async function main([action = 'none', ...names]: readonly string[]): Promise<number> {
  const unknown = names.filter((name) => !serverNames.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}. Choose one of: ${serverNames.join(', ')}.`);
    return exitCodes.usageError;
  }
  const chosen = names.map(serverNamed);
  try {
    switch (action) {
      case 'up':
        if (chosen.length === 0) break;
        for (const definition of chosen) await up(definition);
        return 0;
      case 'down':
        for (const definition of chosen.length === 0 ? servers : chosen) await down(definition);
        return 0;
      case 'status':
        for (const definition of chosen.length === 0 ? servers : chosen)
          console.log(await statusLine(definition));
        return 0;
    }
  } catch (error) {
    console.error(errorText(error));
    return exitCodes.failed;
  }
  console.error(
    [
      'npm run infra -- up NAME...      starts brokers and databases in the background, on their usual ports',
      'npm run infra -- down [NAME...]  stops them; their data stays in .data',
      'npm run infra -- status          says what runs',
      `Names: ${serverNames.join(', ')}`,
    ].join('\n'),
  );
  return exitCodes.usageError;
}

async function up(definition: ServerDefinition): Promise<void> {
  const outcome = await background.up(definition);
  for (const component of await brokerComponents())
    if (addressOf(component)?.server === definition) await provisionBroker(component);
  console.log(`${definition.title}: ${outcome}, at localhost:${definition.defaultPorts[0]}`);
}

async function down(definition: ServerDefinition): Promise<void> {
  if (await background.down(definition)) console.log(`${definition.title}: stopped`);
}

async function statusLine(definition: ServerDefinition): Promise<string> {
  const { state, processes } = await background.status(definition);
  const said = {
    running: `running at localhost:${definition.defaultPorts[0]}`,
    broken: 'started, but it does not work: up starts it again',
    stopped: 'stopped',
    other: `one that was not started here answers at localhost:${definition.defaultPorts[0]}`,
  }[state];
  const pids = processes.map(({ name, pid }) => `${name} ${pid}`).join(', ');
  return `${definition.name.padEnd(12)} ${said}${pids === '' ? '' : ` (${pids})`}`;
}

/** The component of every broker there is a folder for. */
async function brokerComponents() {
  const brokers = await choicesOf('broker', projectRoot);
  return (await Promise.all(brokers.map((broker) => componentsOf('broker', broker, projectRoot)))).flat();
}
