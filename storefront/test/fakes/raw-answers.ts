import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

/** An answer as it is on the wire: no client has decompressed it. */
export type RawAnswer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };

export type RawClient = {
  [Symbol.asyncDispose]: () => Promise<void>;
  port: number;
  ask: (path: string, headers?: Record<string, string>, method?: string, body?: string) => Promise<RawAnswer>;
};

/** Serves an app on a free port, and requests from it without the decompression of other clients. */
export async function serveRaw(app: http.RequestListener): Promise<RawClient> {
  const server = http.createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    ask: async (path, headers = {}, method = 'GET', body) => {
      const request = http.request({ host: '127.0.0.1', port, path, headers, method, agent: false });
      const [response] = (await once(request.end(body), 'response')) as [http.IncomingMessage];
      const chunks = (await response.toArray()) as Buffer[];
      return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The content of an answer, decompressed. */
export function contentOf({ headers, body }: RawAnswer): Buffer {
  switch (headers['content-encoding']) {
    case undefined:
      return body;
    case 'br':
      return brotliDecompressSync(body);
    case 'gzip':
      return gunzipSync(body);
    default:
      throw new Error(`no test reads the encoding ${headers['content-encoding']}`);
  }
}
