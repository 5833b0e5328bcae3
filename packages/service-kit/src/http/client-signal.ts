import type { ServerResponse } from 'node:http';

/** A signal that aborts when the client leaves before its response is complete. Pass it to work that only this client waits for. */
export function clientSignal(response: ServerResponse): AbortSignal {
  const client = new AbortController();
  // The client may have left before.
  if (hasClientLeft(response)) client.abort();
  else
    response.once('close', () => {
      if (!response.writableFinished) client.abort();
    });
  return client.signal;
}

/** Whether the client left before its response was complete. */
export function hasClientLeft(response: ServerResponse): boolean {
  return response.closed && !response.writableFinished;
}
