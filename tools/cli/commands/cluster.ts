import { once } from 'node:events';
import { createPersonalCluster, removePersonalCluster } from '../../cluster/personal-cluster.js';
import { brokerServers, storeServers } from '../../cluster/plain-servers.js';
import { programsIn } from '../../cluster/programs.js';
import { mainPair } from '../../local/pairs.js';
import { projectRoot } from '../../project-root.js';
import { exitingOnInterrupts, stopOnInterrupts } from '../interrupts.js';
import { readArguments, UsageError } from '../read-arguments.js';
import { runCommand } from '../run-command.js';

process.exitCode = await runCommand('cluster', () => main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments('cluster', args);
  if (positionals.length > 0) throw new UsageError(`Unknown argument: ${positionals.join(' ')}`);
  const {
    down = false,
    once: isOnce = false,
    broker = mainPair.broker,
    store = mainPair.store,
    ...target
  } = values;
  requireKnown('broker', broker, brokerServers);
  requireKnown('store', store, storeServers);
  const shared = { root: projectRoot, programs: programsIn(projectRoot), say: console.log, ...target };
  if (down) {
    await exitingOnInterrupts(() => removePersonalCluster(shared));
    console.log('Everything is removed.');
    return;
  }
  await using cluster = await exitingOnInterrupts(() => createPersonalCluster({ ...shared, broker, store }));
  if (isOnce) return;
  for (const line of cluster.lines) console.log(line);
  console.log(
    'The addresses work until you press Ctrl-C. The cluster stays: run this again to get them back, or with --down.',
  );
  const stop = stopOnInterrupts();
  await Promise.race([once(stop, 'abort'), cluster.ended]);
  if (!stop.aborted) throw new Error('A port can no longer be forwarded. Run this again.');
}

function requireKnown(option: string, name: string, known: Readonly<Record<string, unknown>>): void {
  if (!Object.hasOwn(known, name))
    throw new UsageError(
      `In a cluster, the ${option} can be ${Object.keys(known).join(', ')}, and not ${name}.`,
    );
}
