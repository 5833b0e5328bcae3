import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Pod } from './pods.js';

/** Refuses more requests per second, like the storefront's admission. */
const perSecondAtMost = 40;

/** Listens at the addresses of pods, which have no containers here. */
export type FakeStorefronts = AsyncDisposable & {
  /** Listens for exactly these pods. */
  follow: (pods: readonly Pod[]) => Promise<void>;
  /** The address for requests of each pod. */
  addresses: () => readonly string[];
};

/** Creates storefronts that answer or refuse requests, and serve the metrics that scaling reads. */
export function createFakeStorefronts(): FakeStorefronts {
  const listening = new Map<string, { address: string; servers: readonly Server[] }>();

  const start = async (pod: Pod): Promise<void> => {
    const { onRequest, onScrape } = countingStorefront();
    const servers = [
      await listen(onRequest, pod, portOf(pod, 'http')),
      await listen(onScrape, pod, portOf(pod, 'management')),
    ];
    listening.set(pod.name, { address: `http://${pod.ip}:${portOf(pod, 'http')}`, servers });
  };
  const stop = async (name: string): Promise<void> => {
    const servers = listening.get(name)?.servers ?? [];
    listening.delete(name);
    for (const server of servers) server.closeAllConnections();
    await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  };
  return {
    addresses: () => [...listening.values()].map(({ address }) => address),
    follow: async (pods) => {
      const names = new Set(pods.map(({ name }) => name));
      await Promise.all([...listening.keys()].filter((name) => !names.has(name)).map(stop));
      await Promise.all(pods.filter(({ name }) => !listening.has(name)).map(start));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...listening.keys()].map(stop));
    },
  };
}

function portOf({ name, ports }: Pod, port: string): number {
  const number = ports.find((one) => one.name === port)?.number;
  if (number === undefined) throw new Error(`the pod ${name} has no port ${port}`);
  return number;
}

async function listen(listener: RequestListener, { ip }: Pod, port: number): Promise<Server> {
  const server = createServer(listener);
  server.listen({ host: ip, port });
  await once(server, 'listening');
  return server;
}

function countingStorefront(): { onRequest: RequestListener; onScrape: RequestListener } {
  let answered = 0;
  let refused = 0;
  let second = 0;
  let inSecond = 0;
  return {
    onRequest: (_request, response) => {
      const now = Math.floor(performance.now() / 1_000);
      if (now !== second) {
        second = now;
        inSecond = 0;
      }
      inSecond += 1;
      if (inSecond > perSecondAtMost) {
        refused += 1;
        response.statusCode = 503;
      } else answered += 1;
      response.end();
    },
    onScrape: (_request, response) => {
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(
        [
          '# TYPE http_requests_total counter',
          `http_requests_total{method="GET",route="/",status="200"} ${answered}`,
          '# TYPE http_requests_refused_total counter',
          `http_requests_refused_total ${refused}`,
          '',
        ].join('\n'),
      );
    },
  };
}
