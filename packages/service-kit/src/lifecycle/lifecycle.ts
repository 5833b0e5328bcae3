import { setTimeout as wait } from 'node:timers/promises';
import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';

export type LifecycleState = 'starting' | 'ready' | 'stopping';

/**
 * A service's life: starting, ready, stopping. Whoever opens something registers, there and then, how it is closed;
 * closing runs in reverse order, and one failure does not keep the rest from closing.
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

  /** The start is over. Does nothing once stopping began. */
  ready(): void {
    if (this.#state === 'starting') this.#state = 'ready';
  }

  /** Registers how something that was just opened is closed. */
  onClose(name: string, close: () => unknown): void {
    this.#closings.push({ name, close });
  }

  /**
   * Stops: not ready from this moment on; `delayMs` later, when callers had time to notice, everything is closed.
   * Called again, it gives the same promise.
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
