import { parseDocument, isSeq } from 'yaml';

/** Returns the text of an installation with another repository, and without the addresses of examples. */
export function withInstallation(text: string, repository: string): string {
  return text
    .replace(/^REPOSITORY=.*$/m, `REPOSITORY=${repository}`)
    .replaceAll('example.com', 'example.test');
}

/** Returns the text of an overlay with plain servers and visitors instead of operators and an OpenID provider. Throws if it has others. */
export function withPlainServers(text: string): string {
  const operated = ['external-secrets', 'openid-connect']
    .map((name) => `  - ../../components/${name}\n`)
    .join('');
  if (!text.includes(operated))
    throw new Error('the overlay has no external secrets before its OpenID Connect');
  return text.replace(operated, '  - ../../components/small-cluster\n');
}

/** Returns the text of a list of Applications without all others. Throws if one is missing. */
export function withKeptApplications(text: string, kept: readonly string[]): string {
  for (const name of kept)
    if (!text.includes(`  - ${name}.yaml\n`)) throw new Error(`there is no Application ${name}`);
  return text.replaceAll(/^ {2}- (.+)\.yaml\n/gm, (line, name: string) => (kept.includes(name) ? line : ''));
}

/** Returns the text of an Application whose chart is in a folder of the repository. Throws if its first source is something else. */
export function withLocalChart(text: string, { address, path }: { address: string; path: string }): string {
  const document = parseDocument(text);
  const sources = document.getIn(['spec', 'sources']);
  if (!isSeq(sources) || !document.hasIn(['spec', 'sources', 0, 'chart']))
    throw new Error('the first source of the Application is no chart');
  document.deleteIn(['spec', 'sources', 0, 'chart']);
  document.setIn(['spec', 'sources', 0, 'repoURL'], address);
  document.setIn(['spec', 'sources', 0, 'path'], path);
  document.setIn(['spec', 'sources', 0, 'targetRevision'], 'main');
  return document.toString({ lineWidth: 0 });
}
