import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { manifests } from '../rendering/render.js';

export const scriptsFolder = join(manifests, 'scripts');

export type ScriptName =
  'install-infrastructure' | 'uninstall-infrastructure' | 'apply-applications' | 'doctor';

export const scriptNames: readonly ScriptName[] = [
  'install-infrastructure',
  'uninstall-infrastructure',
  'apply-applications',
  'doctor',
];

/** How a script ended, and all that it said on either channel, in the order in which it came. */
export type ScriptEnd = { code: number | null; output: string };

/** Runs a script with these programs before those of the machine; nobody answers it, and no kubeconfig of the machine is seen. */
export async function runScript(
  name: ScriptName,
  args: readonly string[],
  { path, env = {}, folder = scriptsFolder }: { path: string; env?: Record<string, string>; folder?: string },
): Promise<ScriptEnd> {
  const child = spawn('bash', [join(folder, `${name}.sh`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${path}:/usr/bin:/bin`, HOME: path, KUBECONFIG: join(path, 'none'), ...env },
  });
  const chunks: Buffer[] = [];
  for (const channel of [child.stdout, child.stderr])
    channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
