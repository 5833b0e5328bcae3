/** Shows what a long-running command is doing. */
export type Progress = {
  /** Prints a line that remains visible. */
  say: (line: string) => void;
  /** Shows `what`, the elapsed time and the latest detail while `work` runs. Settles as `work` does. */
  during: <T>(what: string, work: (detail: (text: string) => void) => Promise<T>) => Promise<T>;
};

type Terminal = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean | undefined };

/** A terminal is updated every second. A log file gets fewer lines. */
const intervalMs = { terminal: 1_000, file: 15_000 };

const clearLine = '\r\u001b[K';

/** Shows progress on a stream: one line that is rewritten on a terminal, occasional lines elsewhere. */
export function progressOn(stream: Terminal): Progress {
  const live = stream.isTTY === true;
  const say = (line: string): void => {
    stream.write(`${live ? clearLine : ''}${line}\n`);
  };
  return {
    say,
    during: async (what, work) => {
      const startedAt = performance.now();
      let latest = '';
      const show = (): void => {
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        const text = `${what} ... ${seconds} s${latest === '' ? '' : `, ${latest}`}`;
        stream.write(live ? `${clearLine}${text}` : `${text}\n`);
      };
      if (!live) say(`${what} ...`);
      const timer = setInterval(show, live ? intervalMs.terminal : intervalMs.file);
      try {
        return await work((text) => {
          latest = text;
        });
      } finally {
        clearInterval(timer);
        if (live) stream.write(clearLine);
      }
    },
  };
}

/** Shows nothing, for tests and for callers with their own output. */
export const silentProgress: Progress = {
  say: () => undefined,
  during: (_what, work) => work(() => undefined),
};

/** Formats a size for people: `92 MB`, or `0.35 MB` below one megabyte (a million bytes). */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 0)} MB`;
}
