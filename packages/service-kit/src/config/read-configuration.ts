import type { z } from 'zod';

/** sysexits.h EX_CONFIG: the service was started with a configuration it cannot run with. */
export const exitCodeConfiguration = 78;

/** What is wrong with the environment, variable by variable. Its message is fit to be shown as it is. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly { variable: string; message: string }[];

  constructor(problems: readonly { variable: string; message: string }[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(`The configuration is wrong:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads a service's configuration from environment variables. The schema's keys are the variables' names; an empty
 * variable counts as not set.
 *
 * @throws ConfigurationError naming every wrong variable at once. It never repeats a value: it may be a secret.
 */
export function readConfiguration<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<z.infer<Schema>> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(set);
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => ({ variable: issue.path.join('.'), message: issue.message })),
    );
  }
  return Object.freeze(parsed.data);
}
