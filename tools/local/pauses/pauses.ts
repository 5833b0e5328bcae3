import type { PartState, PausablePart } from '@unity-purchase/contracts';
import { signalProcess } from '../../programs/children-on-exit.js';
import { continueLater } from './continue-later.js';

/** A part of the system that can be paused. */
export type Pausable = {
  part: PausablePart;
  /** Its name for people. */
  title: string;
  /** Stops its processes with SIGSTOP and resolves to their ids. Negative ids are process groups. Never rejects. */
  stop: () => Promise<readonly number[]>;
};

/** How a request for a pause ended. */
export type PauseOutcome = 'paused' | 'already-paused' | 'unknown-part';

/** The pauses of a running system. Every pause ends by itself, and at the latest with the system. */
export type Pauses = {
  states: () => PartState[];
  /** Pauses a part unless it is paused. Resolves once its processes have stopped. */
  pause: (part: string, seconds: number) => Promise<PauseOutcome>;
  /** Ends every pause and refuses new ones. It may be called again. */
  end: () => void;
};

/** How much later the processes continue if the runner was killed and cannot do it itself. */
const withoutRunnerMs = 2_000;

type Pause = { endsAtMs: number; end: () => void };

/** Pauses for these parts. `report` receives a line for people when a pause begins and when it ends. */
export function createPauses(parts: readonly Pausable[], report: (text: string) => void): Pauses {
  const pauses = new Map<PausablePart, Pause>();
  let hasEnded = false;
  const isOver = (): boolean => hasEnded;

  return {
    states: () =>
      parts.map(({ part, title }) => {
        const pause = pauses.get(part);
        if (pause === undefined) return { part, title };
        return { part, title, pausedMs: Math.max(0, Math.round(pause.endsAtMs - performance.now())) };
      }),
    pause: async (name, seconds) => {
      const found = parts.find(({ part }) => part === name);
      if (found === undefined || isOver()) return 'unknown-part';
      const { part, title } = found;
      if (pauses.has(part)) return 'already-paused';
      const pauseMs = seconds * 1_000;
      const pause: Pause = { endsAtMs: performance.now() + pauseMs, end: () => undefined };
      pauses.set(part, pause);
      report(`The desk pauses ${title} for ${seconds} s.`);
      const targets = await found.stop();
      const cancelLater = continueLater(targets, pauseMs + withoutRunnerMs);
      pause.end = () => {
        if (!pauses.delete(part)) return;
        clearTimeout(timer);
        cancelLater();
        for (const target of targets) signalProcess(target, 'SIGCONT');
        report(`${title} continues after its pause.`);
      };
      const timer = setTimeout(pause.end, pauseMs);
      if (isOver()) pause.end();
      return 'paused';
    },
    end: () => {
      hasEnded = true;
      for (const { end } of [...pauses.values()]) end();
    },
  };
}
