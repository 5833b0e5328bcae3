import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type SeenRequest = { method: string; path: string; headers: http.IncomingHttpHeaders; body: string };
export type Reply = { status: number; body?: string; type?: string } | 'hang' | 'reset' | 'rubbish';

/** A sidecar that gives the replies that a test determines. */
export async function startFakeSidecar(reply: (request: SeenRequest) => Reply) {
  const seen: SeenRequest[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      seen.push(one);
      const answer = reply(one);
      if (answer === 'hang') return;
      if (answer === 'reset') request.socket.destroy();
      else if (answer === 'rubbish') request.socket.end('I am not HTTP\r\n\r\n');
      else
        response
          .writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' })
          .end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}
