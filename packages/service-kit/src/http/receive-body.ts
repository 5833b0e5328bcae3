import { AsyncResource } from 'node:async_hooks';
import type { Request, RequestHandler } from 'express';
import { AppError } from '../errors/app-error.js';
import { enterAdmission, hasBody } from './admission.js';

/** Limits on the bodies that are arriving. */
export type BodyLimits = {
  /** A larger body is refused with 413. Body parsers may have lower limits. */
  bytesMax: number;
  /** The memory that all arriving bodies of a process may take. Beyond it, the one that started first is given up. */
  totalBytesMax: number;
  /** How long a body may take to arrive. */
  timeoutMs: number;
};

/** A phone with a bad connection sends the largest order in this time. */
const bodyLimits: BodyLimits = {
  bytesMax: 128 * 1024,
  totalBytesMax: 16 * 1024 * 1024,
  timeoutMs: 10_000,
};

/** A body that is arriving. */
type Arrival = { bytes: number; giveUp: () => void };

/**
 * Waits until the body of a request has arrived, and then has the request admitted (see `createAdmission`): 503 `busy` if that
 * fails, 408 `request-timeout` if the body is too slow, 413 `body-too-large` as soon as that is known. The body parsers after it
 * find the whole body in memory; on their own they would wait for the end of a body that they refuse.
 *
 * Place it after everything that can refuse a request by its head. An app that is behind admission must use it.
 */
export function receiveBody(limits: BodyLimits = bodyLimits): RequestHandler {
  /** In the order in which they started. */
  const arrivals = new Set<Arrival>();
  let totalBytes = 0;
  return function receiveWholeBody(request, response, next) {
    if (!hasBody(request)) {
      next();
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > limits.bytesMax)
      throw new AppError('body-too-large');
    // Without it, what follows would run in the context of the socket, and without the trace. `AsyncResource.bind` does the same,
    // but takes Node 20 ten times as long.
    const context = new AsyncResource('ArrivingBody');
    const proceed = (error?: AppError) => {
      context.runInAsyncScope(() => {
        if (error === undefined && enterAdmission(response)) next();
        else next(error ?? new AppError('busy', { retryAfterSeconds: 1 }));
      });
    };
    const arrival: Arrival = {
      bytes: 0,
      giveUp: () => {
        end();
        response.set('Connection', 'close');
        proceed(new AppError('request-timeout'));
      },
    };
    const end = readWhole(request, limits.bytesMax, {
      read: (bytes) => {
        arrival.bytes += bytes;
        totalBytes += bytes;
        const [first] = arrivals;
        if (totalBytes > limits.totalBytesMax) first?.giveUp();
      },
      complete: () => {
        proceed();
      },
      tooLarge: () => {
        proceed(new AppError('body-too-large'));
      },
      ended: () => {
        clearTimeout(timer);
        arrivals.delete(arrival);
        totalBytes -= arrival.bytes;
      },
    });
    const timer = setTimeout(arrival.giveUp, limits.timeoutMs);
    arrivals.add(arrival);
  };
}

type Reader = {
  /** This many further bytes have arrived. */
  read: (bytes: number) => void;
  /** The body is complete, and back in the request. */
  complete: () => void;
  /** The body is larger than the limit. */
  tooLarge: () => void;
  /** Reading has ended for any reason. Called once. */
  ended: () => void;
};

/** Reads a body and puts it back into its request. Returns a function that ends reading. */
function readWhole(
  request: Request,
  bytesMax: number,
  { read, complete, tooLarge, ended }: Reader,
): () => void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let hasEnded = false;
  const onReadable = () => {
    for (;;) {
      const chunk = request.read() as Buffer | null;
      if (chunk === null) break;
      chunks.push(chunk);
      bytes += chunk.length;
      read(chunk.length);
      if (hasEnded) return;
    }
    const isTooLarge = bytes > bytesMax;
    if (!request.complete && !isTooLarge) return;
    end();
    if (isTooLarge) {
      tooLarge();
      return;
    }
    // Before Node ends the stream, which it does in its next tick.
    if (bytes > 0) request.unshift(Buffer.concat(chunks));
    complete();
  };
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    request.off('readable', onReadable).off('end', onReadable).off('close', end);
    ended();
  };
  // An empty body that arrived before this only ends.
  request.on('readable', onReadable).on('end', onReadable).on('close', end);
  return end;
}
