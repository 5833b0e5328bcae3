import { AppError, openEventStream, type EventStream } from '@unity-purchase/service-kit';
import type { Response } from 'express';
import { Gauge, type Registry } from 'prom-client';

/** How many streams there may be at once: a stream holds a connection as long as somebody looks. */
export type StreamLimits = { perShopper: number; perProcess: number; lifetimeMs: number };

/** Windows of one shopper; connections of one process, well below what it accepts; and then the browser asks anew. */
const streamLimits: StreamLimits = { perShopper: 8, perProcess: 1_000, lifetimeMs: 30 * 60_000 };

/** All streams of this process. */
export class LiveStreams {
  readonly #limits: StreamLimits;
  readonly #open = new Map<string, Set<EventStream>>();
  #count = 0;
  #isClosed = false;

  constructor(registry: Registry, limits: StreamLimits = streamLimits) {
    this.#limits = limits;
    const gauge = new Gauge({
      name: 'live_streams',
      help: 'Streams of events that pages listen to',
      registers: [registry],
      collect: () => {
        gauge.set(this.#count);
      },
    });
  }

  /**
   * Opens a stream for a shopper.
   *
   * @throws AppError 429 where this shopper has too many, 503 where the process has, or is stopping
   */
  open(response: Response, shopperId: string): EventStream {
    const own = this.#open.get(shopperId) ?? new Set();
    if (own.size >= this.#limits.perShopper)
      throw new AppError('too-many-streams', { retryAfterSeconds: 30 });
    if (this.#isClosed || this.#count >= this.#limits.perProcess)
      throw new AppError('streams-unavailable', { retryAfterSeconds: 10 });
    const stream = openEventStream(response);
    own.add(stream);
    this.#open.set(shopperId, own);
    this.#count += 1;
    const lifetime = setTimeout(stream.end, this.#limits.lifetimeMs).unref();
    void stream.ended.then(() => {
      clearTimeout(lifetime);
      own.delete(stream);
      if (own.size === 0) this.#open.delete(shopperId);
      this.#count -= 1;
    });
    return stream;
  }

  /** Ends all streams, and opens no more: browsers connect again, and find another replica. */
  close(): void {
    this.#isClosed = true;
    for (const streams of this.#open.values()) for (const { end } of streams) end();
  }
}
