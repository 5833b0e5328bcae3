/** What is wrong with one part of an input: where it is (dots between steps) and what is wrong with it. */
export type InputProblem = { path: string; message: string };

/**
 * An error that a caller is meant to see: a stable `code` for programs, an HTTP `status`, and a message for people.
 * The message of a status below 500 is shown to the caller; from 500 on only the code is, and the log has the rest.
 */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly problems: readonly InputProblem[];
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: string,
    status: number,
    message: string,
    options: { cause?: unknown; problems?: readonly InputProblem[]; retryAfterSeconds?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.problems = options.problems ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
