import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { manifests } from '../rendering/render.js';

export const scriptsFolder = join(manifests, 'scripts');

export type ScriptName =
  | 'install-infrastructure'
  | 'uninstall-infrastructure'
  | 'apply-applications'
  | 'renew-dapr-certificates'
  | 'doctor';

export const scriptNames: readonly ScriptName[] = [
  'install-infrastructure',
  'uninstall-infrastructure',
  'apply-applications',
  'renew-dapr-certificates',
  'doctor',
];

/** A script's exit code, and its output on both channels in the order of arrival. */
export type ScriptEnd = { code: number | null; output: string };

/** Runs a script with programs in `path` first, without input and without the machine's kubeconfig. */
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
