import { repeatedly } from './repeat.js';

/** As often as a cluster asks in a fast configuration; a service goes on answering for longer after it said "not ready". */
const probeIntervalMs = 250;

/**
 * Instances of a service behind one door, as in a cluster: requests go in turn to those that said they were ready when they
 * were last asked. Nothing is tried twice: what an instance does to a request is what the client sees.
 */
export type ReadyPods = AsyncDisposable & {
  add: (url: string) => void;
  /** Takes an instance out: it will not be asked any more. */
  remove: (url: string) => void;
  /** The next instance's address. Throws when none is ready. */
  next: () => string;
};

export function watchReadiness(urls: readonly string[]): ReadyPods {
  const ready = new Map(urls.map((url) => [url, true]));
  let turn = 0;
  const probe = async (url: string): Promise<void> => {
    const isReady = await fetch(`${url}/health/ready`).then(
      async (response) => {
        await response.text();
        return response.ok;
      },
      () => false,
    );
    if (ready.has(url)) ready.set(url, isReady);
  };
  const watch = repeatedly(() => Promise.all([...ready.keys()].map(probe)), probeIntervalMs);
  return {
    ...watch,
    add: (url) => ready.set(url, true),
    remove: (url) => ready.delete(url),
    next: () => {
      const urlsReady = [...ready].flatMap(([url, isReady]) => (isReady ? [url] : []));
      turn += 1;
      const url = urlsReady[turn % urlsReady.length];
      if (url === undefined) throw new Error('no instance is ready');
      return url;
    },
  };
}
