import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeFakePrograms, type Answer } from './fake-programs.js';
import { scriptsWith } from './configured-scripts.js';
import { runScript, type ScriptEnd, type ScriptName } from './run-script.js';

/**
 * Runs a script with a fake `kubectl`, `helm` and `git`, and resolves to its end and their calls. With `installation`, its
 * checkout has these values.
 */
export async function runWithFakePrograms(
  name: ScriptName,
  args: readonly string[] = [],
  answers: readonly Answer[] = [],
  { env = {}, installation }: { env?: Record<string, string>; installation?: string } = {},
): Promise<ScriptEnd & { calls: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-scripts-'));
  try {
    const { path, calls } = await placeFakePrograms(folder, answers);
    const scripts = installation === undefined ? undefined : await scriptsWith(folder, installation);
    const end = await runScript(name, args, { path, env, ...(scripts && { folder: scripts }) });
    return { ...end, calls: await calls() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether a call changes the cluster. Reading, waiting and dry runs do not. */
export function isChange(call: string): boolean {
  return !/^kubectl (--context \S+ )?(get|wait|config|version)\b|^helm (--kube-context \S+ )?(show|list|template)\b|^git |--dry-run=server/.test(
    call,
  );
}

/** The entries of charts.yaml in the order in which the calls install or uninstall them. */
export function piecesIn(calls: readonly string[]): string[] {
  return calls.flatMap((call) => {
    const release = /^helm (?:upgrade --install|uninstall) (\S+)/.exec(call)?.[1];
    const folder = /^kubectl (?:apply|delete) .*-k \S*\/infrastructure\/(\S+)/.exec(call)?.[1];
    return release ?? folder ?? [];
  });
}
