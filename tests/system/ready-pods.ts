import { repeatedly } from './repeat.js';

/** The probe interval of a fast cluster; a service keeps answering for longer after it reports "not ready". */
const probeIntervalMs = 250;

/**
 * Instances of a service behind one address, as in a cluster: requests rotate over the instances that were ready at their
 * last probe. There are no retries, so that the client sees every failure of an instance.
 */
export type ReadyPods = AsyncDisposable & {
  add: (url: string) => void;
  /** Removes an instance from the rotation. */
  remove: (url: string) => void;
  /** The next ready instance's address. @throws Error when none is ready */
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
