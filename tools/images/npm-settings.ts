import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { runProgram } from '../programs/run-program.js';

/**
 * The npm settings with which packages can be had here, for the secret that the Dockerfile asks for: the person's own, which may
 * name a registry and prove who they are, and the authorities that this machine trusts beyond Node's.
 */
export async function npmSettings(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const own = await readFile(await npmConfig('userconfig'), 'utf8').catch(() => '');
  // A path on this machine means nothing inside a build, where the settings are root's.
  const portable = own.split('\n').filter((line) => !/^\s*(cafile|nodedir|prefix|cache)\b/.test(line));
  const files = [await npmConfig('cafile'), env['NODE_EXTRA_CA_CERTS']];
  const found = await Promise.all([...new Set(files)].map(certificatesIn));
  const extra = found.flat();
  // Naming any takes the place of all that Node brings along.
  const trusted = extra.length === 0 ? [] : [...new Set([...rootCertificates, ...extra])];
  const authorities = trusted.map((pem) => `ca[]=${JSON.stringify(pem)}`);
  return [...portable, ...authorities, ''].join('\n');
}

async function npmConfig(key: string): Promise<string> {
  return (await runProgram('npm', ['config', 'get', key])).trim();
}

/** The certificates in a file that are still any good: npm gives up at the first one that it cannot read. */
async function certificatesIn(file: string | undefined): Promise<string[]> {
  if (file === undefined || file === '' || file === 'null') return [];
  const text = await readFile(file, 'utf8');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter((pem) => isReadable(pem));
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
