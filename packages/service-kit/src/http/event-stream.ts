import type { ServerResponse } from 'node:http';
import { leaveAdmission } from './admission.js';

/** An event for one listener (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type ServerSentEvent = {
  /** One word that the page listens for. */
  event: string;
  /** Comes back as `Last-Event-ID` when the browser connects again. */
  id: string;
  data: string;
};

export type EventStream = {
  /** Sends an event, unless the stream has ended. @throws TypeError for a name or an id of more than one line */
  send: (event: ServerSentEvent) => void;
  /** Ends the stream; the browser connects again, unless it was told not to. */
  end: () => void;
  /** Resolves when the stream has ended, from either side. */
  ended: Promise<void>;
};

/** Shorter than what proxies, and our own server, take for silence. */
const defaultHeartbeatMs = 15_000;

/** How long browsers wait before they connect again. */
const retryMs = 2_000;

/** A listener that takes nothing is none: what it was sent must not pile up. */
const unreadBytesMax = 64 * 1024;

/**
 * Answers with a stream of events. It leaves the count of requests in flight, because it lives as long as somebody looks:
 * whoever opens streams bounds how many there are.
 */
export function openEventStream(response: ServerResponse, heartbeatMs = defaultHeartbeatMs): EventStream {
  leaveAdmission(response);
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    // Proxies that gather answers (nginx) would hold events back.
    'X-Accel-Buffering': 'no',
  });
  const write = (text: string) => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > unreadBytesMax) response.destroy();
  };
  write(`retry: ${retryMs}\n\n`);
  const heartbeat = setInterval(() => {
    write(': still here\n\n');
  }, heartbeatMs);
  const ended = new Promise<void>((resolve) => {
    response.once('close', () => {
      clearInterval(heartbeat);
      resolve();
    });
  });
  return {
    send: (event) => {
      write(eventText(event));
    },
    end: () => {
      response.end();
    },
    ended,
  };
}

/** An event as it is written: a line break in the data begins another line of data, one in a name would be an event of its own. */
export function eventText({ event, id, data }: ServerSentEvent): string {
  if (/[\r\n\0]/.test(event + id)) throw new TypeError('names and ids of events have one line');
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `event: ${event}\nid: ${id}\n${lines.join('')}\n`;
}
