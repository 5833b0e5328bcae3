import { setTimeout as wait } from 'node:timers/promises';
import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';

export type LifecycleState = 'starting' | 'ready' | 'stopping';

/** Far more than a service opens at its start. Code that runs for each request would reach it. */
const closingsMax = 100;

/**
 * The life of a service: starting, ready, stopping. Code that opens something registers how to close it. Closing runs in
 * reverse order, and a failure does not keep the rest from closing.
 */
export class Lifecycle {
  readonly #logger: Logger;
  readonly #closings: { name: string; close: () => unknown }[] = [];
  #state: LifecycleState = 'starting';
  #stopped: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Ends the start. Does nothing once the service is stopping. */
  ready(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  /** Registers how to close something that was just opened. */
  onClose(name: string, close: () => unknown): void {
    if (this.#closings.length >= closingsMax)
      throw new RangeError(`${name} is one part too many to close: register parts once, at the start`);
    this.#closings.push({ name, close });
  }

  /**
   * Stops the service. It is not ready from now on; after `delayMs`, when callers have had time to notice, everything is closed.
   * Further calls return the same promise.
   */
  stop(delayMs: number): Promise<void> {
    this.#stopped ??= this.#stop(delayMs);
    return this.#stopped;
  }

  async #stop(delayMs: number): Promise<void> {
    this.#state = 'stopping';
    this.#logger.info('stopping');
    await wait(delayMs);
    for (const { name, close } of this.#closings.reverse()) {
      try {
        await close();
      } catch (thrown) {
        this.#logger.error({ err: toError(thrown), part: name }, 'could not be closed');
      }
    }
    this.#logger.info('stopped');
  }
}
