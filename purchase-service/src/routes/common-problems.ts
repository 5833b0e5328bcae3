import type { ProblemCode } from '@unity-purchase/contracts';

/** The problems of every operation. */
export const commonProblems = [
  'not-authenticated',
  'busy',
  'store-unavailable',
] as const satisfies ProblemCode[];

/** The problems of operations that receive JSON. */
export const bodyProblems = [
  'invalid-request',
  'malformed-body',
  'body-too-large',
  'request-timeout',
  'unsupported-media-type',
  'unsupported-encoding',
  'unsupported-charset',
] as const satisfies ProblemCode[];

/** The problems of every list. */
export const pageProblems = [
  'invalid-request',
  'invalid-cursor',
  ...commonProblems,
] as const satisfies ProblemCode[];
