import { request } from 'node:http';

/**
 * The status that a GET on a port of 127.0.0.1 is answered with, or undefined when there is no answer in time. The
 * connection is closed after it: one that is kept alive would be in the way of the server's own drain.
 */
export async function httpStatus(port: number, path: string, timeoutMs = 1_000): Promise<number | undefined> {
  return new Promise((resolve) => {
    const call = request(
      { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (response) => {
        response.resume();
        response.on('close', () => {
          resolve(response.statusCode);
        });
      },
    );
    call.on('error', () => {
      resolve(undefined);
    });
    call.end();
  });
}

/** A condition for `waitUntil`: the path on the port is answered with this status. */
export async function answersWith(port: number, path: string, wanted: number): Promise<true | string> {
  const status = await httpStatus(port, path);
  if (status === wanted) return true;
  const url = `http://127.0.0.1:${port}${path}`;
  return status === undefined ? `${url} does not answer` : `${url} answers ${status}, not ${wanted}`;
}
