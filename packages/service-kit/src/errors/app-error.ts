import { problemCodes, type ProblemCode, type ProblemDetails } from '@unity-purchase/contracts';

/** One invalid part of an input: where it is (steps separated by dots) and what is wrong with it. */
export type InputProblem = { path: string; message: string };

/** Members of the problem details besides those that every problem has. */
export type ProblemMembers = Readonly<
  Pick<ProblemDetails, 'erasedAt' | 'total' | 'purchase' | 'decidedAt'> & { purchaseId?: string | undefined }
>;

export type AppErrorOptions = {
  /** Shown to the caller in place of the code's meaning. It is our own text, never another error's message. */
  detail?: string | undefined;
  /** The error behind this one. It is logged and never shown to the caller. */
  cause?: unknown;
  problems?: readonly InputProblem[];
  retryAfterSeconds?: number;
  /** Further members of the problem details. */
  details?: ProblemMembers;
};

/** An error that is shown to the caller. Its code determines the HTTP status and, unless `detail` is given, the message. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: ProblemCode;
  readonly status: number;
  readonly problems: readonly InputProblem[];
  readonly retryAfterSeconds: number | undefined;
  readonly details: ProblemMembers;

  constructor(code: ProblemCode, options: AppErrorOptions = {}) {
    const { status, meaning } = problemCodes[code];
    super(options.detail ?? meaning, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.problems = options.problems ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
  }
}
