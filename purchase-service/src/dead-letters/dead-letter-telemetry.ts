import {
  deadLetterReasonSchema,
  type DeadLetterDecision,
  type DeadLetterReason,
} from '@unity-purchase/contracts';
import type { AppendOutcome } from '@unity-purchase/numbered-log';
import type { Logger } from '@unity-purchase/service-kit';
import { Counter, type Registry } from 'prom-client';

/**
 * Reports what happened to a dead letter: each function logs a line, and most increment a counter. The id of a dead letter
 * reveals nothing about a shopper, its content does.
 */
export type DeadLetterTelemetry = {
  arrived: (about: {
    deadLetterId: string;
    reason: DeadLetterReason;
    purchaseId: string | undefined;
  }) => void;
  /** A dead letter needs no operator: its event was recorded when it arrived, or before, or its shopper was erased. */
  recorded: (about: { purchaseId: string; outcome: AppendOutcome }) => void;
  decided: (about: { deadLetterId: string; decision: DeadLetterDecision }) => void;
  erased: () => void;
  unavailable: (error: Error) => void;
};

export function deadLetterTelemetry(registry: Registry, logger: Logger): DeadLetterTelemetry {
  const registers = [registry];
  const arrivals = new Counter({
    name: 'dead_letters_total',
    help: 'Events that could not be recorded and were kept for operators, by reason; a failed replay counts again',
    labelNames: ['reason'],
    registers,
  });
  const decisions = new Counter({
    name: 'dead_letter_decisions_total',
    help: 'Dead letters that operators replayed or discarded',
    labelNames: ['decision'],
    registers,
  });
  // A counter that begins with its first increase hides it from alerts, because Prometheus sees no change.
  for (const reason of deadLetterReasonSchema.options) arrivals.inc({ reason }, 0);
  for (const decision of ['replay', 'discard'] as const) decisions.inc({ decision }, 0);
  return {
    arrived: (about) => {
      arrivals.inc({ reason: about.reason });
      logger.warn(about, 'a dead letter arrived and waits for an operator');
    },
    recorded: (about) => {
      logger.info(about, 'the event of a dead letter was recorded when it arrived');
    },
    decided: (about) => {
      decisions.inc({ decision: about.decision });
      logger.info(about, 'an operator decided about a dead letter');
    },
    erased: () => {
      logger.info('a dead letter of an erased shopper was not kept');
    },
    unavailable: (err) => {
      logger.error({ err }, 'a dead letter could not be kept; it will be redelivered');
    },
  };
}
