/** Tells a person what is being done while it takes long. */
export type Progress = {
  /** One line that stays. */
  say: (line: string) => void;
  /** Shows `what`, the time and the latest detail for as long as the work runs. Resolves or rejects as the work does. */
  during: <T>(what: string, work: (detail: (text: string) => void) => Promise<T>) => Promise<T>;
};

type Terminal = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean | undefined };

/** A terminal shows every second that something happens; a log file should not have a line for each. */
const intervalMs = { terminal: 1_000, file: 15_000 };

const clearLine = '\r\u001b[K';

/** Progress on a stream: one line that is rewritten on a terminal, a line now and then elsewhere. */
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

/** Says nothing: for tests and for callers that report in their own way. */
export const silentProgress: Progress = {
  say: () => undefined,
  during: (_what, work) => work(() => undefined),
};
