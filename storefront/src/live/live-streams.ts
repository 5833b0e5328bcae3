import { AppError, openEventStream, type EventStream } from '@unity-purchase/service-kit';
import type { Response } from 'express';
import { Gauge, type Registry } from 'prom-client';

/** Limits on open streams. Each one holds a connection while its page is open. */
export type StreamLimits = { perShopper: number; perProcess: number; lifetimeMs: number };

/** Enough windows for one shopper, and far fewer connections than a process accepts. After its lifetime a stream reconnects. */
const streamLimits: StreamLimits = { perShopper: 8, perProcess: 1_000, lifetimeMs: 30 * 60_000 };

/** All open event streams of this process. */
export class LiveStreams {
  readonly #limits: StreamLimits;
  readonly #open = new Map<string, Set<EventStream>>();
  #count = 0;
  #isClosed = false;

  constructor(registry: Registry, limits: StreamLimits = streamLimits) {
    this.#limits = limits;
    const gauge = new Gauge({
      name: 'live_streams',
      help: 'Open event streams of pages',
      registers: [registry],
      collect: () => {
        gauge.set(this.#count);
      },
    });
  }

  /**
   * Opens a stream for a shopper, or for the pass of an operator: streams of one `owner` are limited together.
   *
   * @throws AppError 429 if the owner has too many streams, 503 if the process has too many or is stopping
   */
  open(response: Response, owner: string): EventStream {
    const own = this.#open.get(owner) ?? new Set();
    if (own.size >= this.#limits.perShopper)
      throw new AppError('too-many-streams', { retryAfterSeconds: 30 });
    if (this.#isClosed || this.#count >= this.#limits.perProcess)
      throw new AppError('streams-unavailable', { retryAfterSeconds: 10 });
    const stream = openEventStream(response);
    own.add(stream);
    this.#open.set(owner, own);
    this.#count += 1;
    const lifetime = setTimeout(stream.end, this.#limits.lifetimeMs).unref();
    void stream.ended.then(() => {
      clearTimeout(lifetime);
      own.delete(stream);
      if (own.size === 0) this.#open.delete(owner);
      this.#count -= 1;
    });
    return stream;
  }

  /** Ends all streams and refuses new ones, so that browsers reconnect to another replica. */
  close(): void {
    this.#isClosed = true;
    for (const streams of this.#open.values()) for (const { end } of streams) end();
  }
}
