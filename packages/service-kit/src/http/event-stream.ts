import type { ServerResponse } from 'node:http';
import { leaveAdmission } from './admission.js';

/** A server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type ServerSentEvent = {
  /** The name that the page listens for, on a single line. */
  event: string;
  /** The browser sends it as `Last-Event-ID` when it reconnects. */
  id: string;
  data: string;
};

export type EventStream = {
  /** Sends an event, unless the stream has ended. @throws TypeError for a name or id with a line break */
  send: (event: ServerSentEvent) => void;
  /** Ends the stream. The browser reconnects unless the page has closed its end. */
  end: () => void;
  /** Resolves when either side has ended the stream. */
  ended: Promise<void>;
};

/** Shorter than the idle timeouts of proxies and of our own server. */
const defaultHeartbeatMs = 15_000;

/** How long browsers wait before they reconnect. */
const retryMs = 2_000;

/** A stream whose client does not read is closed at this size, so that unread events do not fill memory. */
const unreadBytesMax = 64 * 1024;

/** The headers of every stream, which are also the answer to HEAD. */
export const eventStreamHeaders = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Buffering proxies (nginx) would hold events back.
  'X-Accel-Buffering': 'no',
} as const;

/**
 * Answers with a stream of server-sent events. Streams are not counted as requests in flight, because they last as long as a
 * page is open; the caller must limit their number.
 */
export function openEventStream(response: ServerResponse, heartbeatMs = defaultHeartbeatMs): EventStream {
  leaveAdmission(response);
  response.writeHead(200, eventStreamHeaders);
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
    const end = () => {
      clearInterval(heartbeat);
      resolve();
    };
    // The client may have disconnected before the stream was opened.
    if (response.closed) end();
    else response.once('close', end);
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

/** The wire format of an event. Line breaks split the data into several lines; a line break in a name would end the event. */
export function eventText({ event, id, data }: ServerSentEvent): string {
  if (/[\r\n\0]/.test(event + id)) throw new TypeError('the name and id of an event must be single lines');
  const lines = data.split(/\r\n|[\r\n]/).map((line) => `data: ${line}\n`);
  return `event: ${event}\nid: ${id}\n${lines.join('')}\n`;
}
