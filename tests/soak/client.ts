import http from 'node:http';

/** No answer takes longer, except those that stream. */
const answerWithinMs = 15_000;

/** How a client sends a request. */
export type Sending = {
  headers?: Record<string, string>;
  /** The whole body, or what is sent of one whose announced length is greater. */
  body?: string;
  /** Leaves after this time, whatever has arrived. */
  leavesAfterMs?: number;
  /** The client's address. */
  localAddress: string | undefined;
};

/** Sends a request on a connection of its own. Resolves to the status, or to undefined if the connection ended before it. */
export function send(
  base: string,
  method: string,
  path: string,
  { headers = {}, body = '', leavesAfterMs, localAddress }: Sending,
): Promise<number | undefined> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    let status: number | undefined;
    const request = http.request({
      host: hostname,
      port,
      method,
      path,
      headers,
      agent: false,
      ...(localAddress === undefined ? {} : { localAddress }),
    });
    const leaving = setTimeout(() => request.destroy(), leavesAfterMs ?? answerWithinMs);
    request.on('response', (response) => {
      status = response.statusCode;
      response.resume().on('error', () => request.destroy());
    });
    request.on('error', () => undefined);
    request.on('close', () => {
      clearTimeout(leaving);
      resolve(status);
    });
    const announced = Number(headers['content-length'] ?? Buffer.byteLength(body));
    if (announced > Buffer.byteLength(body)) request.write(body);
    else request.end(body);
  });
}
