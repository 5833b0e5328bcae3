import type { DeadLetter, DeadLetterDetails, DeadLetterList } from '@unity-purchase/contracts';
import type { Texts } from '../texts/languages.js';
import { readEventProblem } from './event-problem.js';
import { formatJson } from './format-json.js';
import { shortNumber } from './short-number.js';

/** A problem of an event as a page shows it: a sentence, and the path and rule for people who write programs. */
export type ProblemLine = { sentence: string; technical: string };

/** A dead letter in the list. */
export type LetterRow = {
  letter: DeadLetter;
  /** The end of the purchase number. Numbers of one minute begin alike. */
  number?: string;
  /** Why it is a dead letter, and what exactly is wrong with the event. */
  cause: string;
  detail?: string;
};

/** A dead letter on its own page. */
export type LetterView = LetterRow & {
  letter: DeadLetterDetails;
  standing: DeadLetterList;
  /** What is wrong with the event now, and what was wrong when it arrived if that is something else. */
  problems: ProblemLine[];
  problemsThen: ProblemLine[];
  /** What was delivered: JSON with a line for each value, or else as it is. */
  content: string;
};

export function viewRow(letter: DeadLetter, texts: Texts): LetterRow {
  const { letters } = texts.desk;
  const { purchaseId, problem, superseded } = letter;
  return {
    letter,
    ...(purchaseId === undefined ? {} : { number: shortNumber(purchaseId) }),
    cause: superseded === true ? letters.reasons['contradicts-record'] : letters.reasons[letter.reason],
    ...(problem === undefined ? {} : { detail: sentenceOf(problem, texts) }),
  };
}

export function viewLetter(letter: DeadLetterDetails, texts: Texts): LetterView {
  const then = linesOf(letter.problems, texts);
  const now = linesOf(letter.problemsNow, texts);
  const known = new Set(now.map(({ sentence }) => sentence));
  return {
    ...viewRow(letter, texts),
    letter,
    standing: letter.recordedAt === undefined ? letter.state : 'recorded',
    problems: now,
    problemsThen: then.filter(({ sentence }) => !known.has(sentence)),
    content: contentOf(letter),
  };
}

/** What was delivered, as a page shows it. */
function contentOf({ text, base64, truncated }: DeadLetterDetails): string {
  if (text === undefined) return base64;
  return (truncated === undefined ? formatJson(text) : undefined) ?? text;
}

/** Each problem once: a field can break its rule in several ways. */
function linesOf(problems: readonly string[], texts: Texts): ProblemLine[] {
  const lines = new Map<string, ProblemLine>();
  for (const technical of problems) {
    const sentence = sentenceOf(technical, texts);
    if (!lines.has(sentence)) lines.set(sentence, { sentence, technical });
  }
  return [...lines.values()];
}

function sentenceOf(technical: string, { desk }: Texts): string {
  const { content, sum, buyer, attribute, fields, rules, inLine, missing, wrong } = desk.letters.problem;
  const problem = readEventProblem(technical);
  switch (problem.kind) {
    case 'content':
      return content[problem.fault];
    case 'sum':
      return sum;
    case 'buyer':
      return buyer;
    case 'attribute':
      return attribute(problem.name);
    case 'missing':
    case 'wrong': {
      const { kind, field, line } = problem;
      const name = line === undefined ? fields[field] : inLine(fields[field], line);
      return kind === 'missing' ? missing(name) : wrong(name, rules[field]);
    }
  }
}
