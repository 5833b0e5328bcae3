import type { z } from 'zod';

/** EX_CONFIG of sysexits.h: the configuration is not valid. */
export const exitCodeConfiguration = 78;

/** The invalid environment variables. Its message can be shown to the person who starts the service. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly { variable: string; message: string }[];

  constructor(problems: readonly { variable: string; message: string }[]) {
    const lines = problems.map(({ variable, message }) => `  ${variable}: ${message}`);
    super(`The configuration is not valid:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Reads a service's configuration from environment variables. The schema's keys are the variables' names; an empty
 * variable counts as not set.
 *
 * @throws ConfigurationError naming every invalid variable. It never repeats a value, which may be a secret.
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
