import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { runProgram } from '../programs/run-program.js';

/**
 * The npm settings for the Dockerfile's secret `npmrc`: the developer's own settings, which may name a registry and
 * credentials, and the certificate authorities that this machine trusts in addition to Node's.
 */
export async function npmSettings(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const own = await readFile(await npmConfig('userconfig'), 'utf8').catch(() => '');
  // Paths on this machine do not exist inside the build.
  const portable = own.split('\n').filter((line) => !/^\s*(cafile|nodedir|prefix|cache)\b/.test(line));
  const files = [await npmConfig('cafile'), env['NODE_EXTRA_CA_CERTS']];
  const extra = (await Promise.all([...new Set(files)].map(certificatesIn))).flat();
  // A list of authorities replaces Node's, so it has to include them.
  const trusted = extra.length === 0 ? [] : [...new Set([...rootCertificates, ...extra])];
  const authorities = trusted.map((pem) => `ca[]=${JSON.stringify(pem)}`);
  return [...portable, ...authorities, ''].join('\n');
}

async function npmConfig(key: string): Promise<string> {
  return (await runProgram('npm', ['config', 'get', key])).trim();
}

/** The valid authorities in a file. npm stops at the first certificate it cannot read, so invalid ones are left out. */
async function certificatesIn(file: string | undefined): Promise<string[]> {
  if (file === undefined || file === '' || file === 'null') return [];
  const text = await readFile(file, 'utf8');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.filter((pem) => isAuthority(pem));
}

function isAuthority(pem: string): boolean {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
}
