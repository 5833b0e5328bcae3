/** How a stream with progress begins and continues while nothing else is sent. */
export type ProgressOptions<Progress> = {
  /** The current progress. The first one is sent at once. */
  progress: () => Progress;
  /** The longest time without a line. Proxies and servers close connections that are silent for half a minute. */
  everyMs: number;
};

/**
 * Adds the progress to lines that take long: before the first line, and whenever the next one is not there in time. It stops
 * the lines when it is stopped itself.
 */
export async function* withProgress<Line, Progress>(
  lines: AsyncGenerator<Line, void>,
  { progress, everyMs }: ProgressOptions<Progress>,
): AsyncGenerator<Line | Progress, void> {
  try {
    yield progress();
    for (;;) {
      const next = lines.next();
      while (!(await isSettledWithin(next, everyMs))) yield progress();
      const { done, value } = await next;
      if (done === true) return;
      yield value;
    }
  } finally {
    // A line that is being prepared ends first. There is no need to wait for it.
    lines.return().catch(() => undefined);
  }
}

/** Whether a promise is fulfilled or rejected within a time. */
function isSettledWithin(promise: Promise<unknown>, timeMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, timeMs);
    const settled = () => {
      clearTimeout(timer);
      resolve(true);
    };
    promise.then(settled, settled);
  });
}
