import { request } from 'node:http';

/**
 * Returns the status of a GET request to a port of 127.0.0.1, or undefined when no answer arrives in time. It closes the
 * connection afterwards, because an open one would delay the server's shutdown.
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

/** A condition for `waitUntil`: a GET request to the path is answered with the wanted status. */
export async function answersWith(port: number, path: string, wanted: number): Promise<true | string> {
  const status = await httpStatus(port, path);
  if (status === wanted) return true;
  const url = `http://127.0.0.1:${port}${path}`;
  return status === undefined ? `${url} does not answer` : `${url} answers ${status}, not ${wanted}`;
}
