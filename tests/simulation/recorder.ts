import { createDependencies, takeDeadLetter, takePurchaseEvent } from '@unity-purchase/purchase-service';
import type { Logger, TakeDelivery } from '@unity-purchase/service-kit';
import { Registry } from 'prom-client';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedStore, Usage } from './simulated-store.js';
import type { World } from './world.js';

export type Dependencies = ReturnType<typeof createDependencies>;

/** The process that runs at the moment: the service as `main.ts` builds it, over the simulated sidecar. */
type Process = {
  isRunning: boolean;
  clockAheadMs: number;
  dependencies: Dependencies;
  takePurchase: TakeDelivery;
  takeDeadLetter: TakeDelivery;
  usage: Usage;
  /** Called when the process ends. */
  onEnd: (() => void)[];
};

const quiet = () => undefined;
export const quietLogger = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
} as unknown as Logger;

/** One replica of the purchase-service. A restart ends its process between two steps and starts another one. */
export class Recorder {
  readonly name: string;
  readonly #world: World;
  readonly #store: SimulatedStore;
  readonly #broker: SimulatedBroker;
  #process: Process;

  constructor(
    name: string,
    parts: { world: World; store: SimulatedStore; broker: SimulatedBroker },
    clockAheadMs = 0,
  ) {
    this.name = name;
    this.#world = parts.world;
    this.#store = parts.store;
    this.#broker = parts.broker;
    this.#process = this.#start(clockAheadMs);
  }

  get process(): Process {
    return this.#process;
  }

  get dependencies(): Dependencies {
    return this.#process.dependencies;
  }

  /** Ends the process, whatever it is doing, and starts one with nothing in memory. */
  restart(clockAheadMs = this.#process.clockAheadMs): void {
    this.#world.tell(() => `${this.name} restarts`);
    this.#process.isRunning = false;
    this.#broker.processEnded(this.#process);
    this.#process.onEnd.forEach((ended) => {
      ended();
    });
    this.#process = this.#start(clockAheadMs);
  }

  #start(clockAheadMs: number): Process {
    const process = { isRunning: true, clockAheadMs, onEnd: [] as (() => void)[] } as Process;
    const { store, usage } = this.#store.client({ name: this.name, isRunning: () => process.isRunning });
    const dependencies = createDependencies(
      { instanceName: this.name, tokens: { sidecar: undefined, operator: undefined } },
      {
        gateway: {
          stateStore: () => store,
          publish: ({ event }) => this.#broker.publish(JSON.stringify(event), () => process.isRunning),
        },
        registry: new Registry(),
        logger: quietLogger,
      },
      {
        now: () => new Date(this.#world.nowMs + process.clockAheadMs),
        newEventId: () => this.#broker.newEventId(),
      },
    );
    void dependencies.prepare();
    process.dependencies = dependencies;
    process.usage = usage;
    process.takePurchase = takePurchaseEvent(dependencies.recordPurchase, dependencies.telemetry);
    process.takeDeadLetter = takeDeadLetter({
      recordOrKeep: dependencies.recordOrKeep,
      telemetry: dependencies.deadLetterTelemetry,
    });
    return process;
  }
}
