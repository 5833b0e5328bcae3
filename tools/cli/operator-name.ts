import { userInfo } from 'node:os';

/**
 * The name under which the audit log records what a command does: `OPERATOR_NAME`, or else the user of the operating system.
 * Undefined for a user without a name, as in some containers.
 */
export function operatorName(env: NodeJS.ProcessEnv, systemUser = nameOfUser): string | undefined {
  const given = env['OPERATOR_NAME']?.trim() ?? '';
  return given === '' ? systemUser() : given;
}

function nameOfUser(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
