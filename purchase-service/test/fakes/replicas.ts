import type { MemoryLogStore } from '@unity-purchase/numbered-log/testing';
import { createLogger } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import { createDependencies } from '../../src/dependencies.js';

/** The service as several replicas run it, each with nothing in memory, over one store and one clock. */
export function replicasOver(store: MemoryLogStore, clock: { ms: number }) {
  const logger = createLogger('test', { level: 'silent', format: 'json' });
  return (instanceName: string) =>
    createDependencies(
      { instanceName, tokens: { sidecar: undefined, operator: undefined } },
      {
        gateway: { stateStore: () => store, publish: () => Promise.resolve() },
        registry: new Registry(),
        logger,
      },
      { now: () => new Date(clock.ms) },
    );
}
