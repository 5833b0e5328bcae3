import { appIds, components, type PausablePart } from '@unity-purchase/contracts';
import type { Component } from '../runner/resource-documents.js';
import type { RunningServer } from '../runner/running-server.js';
import type { SupervisedProcess } from '../runner/supervised-process.js';
import { addressOf } from '../servers/component-address.js';
import type { Pausable } from './pauses.js';
import { stopGroups } from './stop-groups.js';

/** What of a system can be paused. */
export type PausableSystem = {
  components: readonly Component[];
  /** The servers that were started with the system. */
  servers: readonly RunningServer[];
  process: (name: string) => SupervisedProcess;
  /** The names of the processes of the purchase-service, one for each replica. */
  purchaseServices: () => readonly string[];
};

/**
 * Returns the parts that can be paused alone: the purchase-service, and the broker and the store if the runner started a server for
 * each. A store in the sidecar's own process cannot be paused, nor can a server that is both, nor one that ran before.
 */
export function pausablePartsOf({
  components: all,
  servers,
  process,
  purchaseServices,
}: PausableSystem): Pausable[] {
  const serverOf = (component: string): RunningServer | undefined => {
    const found = all.find(({ name }) => name === component);
    const address = found && addressOf(found);
    return servers.find(({ name }) => name === address?.server.name);
  };
  const broker = serverOf(components.pubsub);
  const store = serverOf(components.stateStore);
  const pausable = (part: PausablePart, server: RunningServer | undefined): Pausable[] =>
    server === undefined || broker === store ? [] : [{ part, title: server.title, stop: server.pause }];
  return [
    ...pausable('broker', broker),
    ...pausable('store', store),
    {
      part: 'purchase-service',
      title: appIds.purchaseService,
      stop: () => Promise.resolve(stopGroups(purchaseServices().map(process))),
    },
  ];
}
