import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { componentsOf } from '../local/runner/local-resources.js';
import { provisionBroker } from '../local/servers/provision-broker.js';
import { brokerServers, componentAtPort } from './plain-servers.js';
import type { ForwardPort } from './port-forward.js';
import { secretsFolder } from './secrets.js';

/** Creates the topics on the plain server of a broker, through a port of this machine. `root` has the components and the secrets. */
export async function provisionPlainBroker(
  forward: ForwardPort,
  { root, broker, context }: { root: string; broker: string; context: string },
): Promise<void> {
  const { name, provisioningPort: port, needsSamePort = false } = brokerServers[broker] ?? { name: broker };
  if (port === undefined) return;
  await using forwarded = await forward({
    context,
    namespace: name,
    what: `pod/${name}-0`,
    port,
    ...(needsSamePort ? { localPort: port } : {}),
  });
  const password = await readFile(join(secretsFolder(root), 'server-password'), 'utf8');
  const found = await componentsOf('broker', broker, root);
  await provisionBroker(found.map((component) => componentAtPort(component, forwarded.localPort, password)));
}
