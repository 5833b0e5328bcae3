import { BackgroundServers } from '../../local/background/background-servers.js';
import { projectRoot } from '../../project-root.js';
import { provisionBroker } from '../../local/servers/provision-broker.js';
import { choicesOf } from '../../local/runner/choose-resources.js';
import { componentsOf, defaultDataDir } from '../../local/runner/local-resources.js';
import { addressOf } from '../../local/servers/component-address.js';
import type { ServerDefinition } from '../../local/servers/server-definition.js';
import { serverNamed, servers } from '../../local/servers/servers.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

const serverNames = servers.map(({ name }) => name);
const background = new BackgroundServers(defaultDataDir(projectRoot));

process.exitCode = await runCommand('infra', () => exitingOnInterrupts(() => main(process.argv.slice(2))));

async function main(args: readonly string[]): Promise<void> {
  const [action, ...names] = readArguments('infra', args).positionals;
  const unknown = names.filter((name) => !serverNames.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`There is no server ${unknown.join(', ')}. Choose from: ${serverNames.join(', ')}.`);
  const chosen = names.map(serverNamed);
  const chosenOrAll = chosen.length === 0 ? servers : chosen;
  if (action === 'up' && chosen.length > 0) for (const definition of chosen) await up(definition);
  else if (action === 'down') for (const definition of chosenOrAll) await down(definition);
  else if (action === 'status')
    for (const definition of chosenOrAll) console.log(await statusLine(definition));
  else throw new UsageError(`An action is required. Servers: ${serverNames.join(', ')}.`);
}

async function up(definition: ServerDefinition): Promise<void> {
  const outcome = await background.up(definition);
  await provisionBroker(
    (await brokerComponents()).filter((component) => addressOf(component)?.server === definition),
  );
  console.log(`${definition.title}: ${outcome}, at localhost:${definition.defaultPorts[0]}`);
}

async function down(definition: ServerDefinition): Promise<void> {
  if (await background.down(definition)) console.log(`${definition.title}: stopped`);
}

async function statusLine(definition: ServerDefinition): Promise<string> {
  const { state, processes } = await background.status(definition);
  const description = {
    running: `running at localhost:${definition.defaultPorts[0]}`,
    broken: 'started, but not working; up starts it again',
    stopped: 'stopped',
    other: `running at localhost:${definition.defaultPorts[0]}, started by something else`,
  }[state];
  const pids = processes.map(({ name, pid }) => `${name} ${pid}`).join(', ');
  return `${definition.name.padEnd(12)} ${description}${pids === '' ? '' : ` (${pids})`}`;
}

/** The components of all brokers. */
async function brokerComponents() {
  const brokers = await choicesOf('broker', projectRoot);
  return (await Promise.all(brokers.map((broker) => componentsOf('broker', broker, projectRoot)))).flat();
}
