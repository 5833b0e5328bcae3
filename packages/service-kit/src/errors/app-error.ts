/** What is wrong with one part of an input: where it is (dots between steps) and what is wrong with it. */
export type InputProblem = { path: string; message: string };

/**
 * An error that a caller is meant to see: a stable `code` for programs, an HTTP `status`, and a message for people.
 * The message is shown to the caller, so it is words of ours and never another error's: that is the `cause`, for the log.
 * `details` are members that the answer has besides.
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly problems: readonly InputProblem[];
  readonly retryAfterSeconds: number | undefined;
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    message: string,
    options: {
      cause?: unknown;
      problems?: readonly InputProblem[];
      retryAfterSeconds?: number;
      details?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.problems = options.problems ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
  }
}
