import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainKubernetesProgram, projectRoot, runProgram } from '@unity-purchase/tools';
import { parseAllDocuments } from 'yaml';
import { table } from './markdown-text.js';
import type { SiteFile } from './repository-pages.js';

const overlay = 'k8s/overlays/prod';

/** The line of an overlay that selects the broker. */
const brokerLine = /(- \.\.\/\.\.\/components\/broker-)[\w-]+/;

/** The production overlay rendered with each broker: a page and a file each, and an index page. */
export async function overlayPages(): Promise<SiteFile[]> {
  const kubectl = await obtainKubernetesProgram('kubectl');
  const components = await readdir(join(projectRoot, 'k8s/components'));
  const brokers = components
    .filter((name) => name.startsWith('broker-'))
    .map((name) => name.replace('broker-', ''))
    .sort();
  const rendered = new Map<string, string>();
  for (const broker of brokers) rendered.set(broker, await renderWith(broker, kubectl));
  return [
    { path: 'kubernetes/index.md', content: indexPage(brokers) },
    ...[...rendered].flatMap(([broker, yaml]) => [
      { path: `kubernetes/prod-${broker}.md`, content: overlayPage(broker, yaml) },
      { path: `public/kubernetes/prod-${broker}.yaml`, content: yaml },
    ]),
  ];
}

/** Renders a copy of the overlay with another broker selected. */
async function renderWith(broker: string, kubectl: string): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'overlay-'));
  try {
    for (const folder of ['k8s', 'components'])
      await cp(join(projectRoot, folder), join(copy, folder), {
        recursive: true,
        filter: (source) => !source.includes('node_modules'),
      });
    const file = join(copy, overlay, 'kustomization.yaml');
    const text = await readFile(file, 'utf8');
    if (!brokerLine.test(text)) throw new Error(`${overlay} does not select a broker`);
    await writeFile(file, text.replace(brokerLine, `$1${broker}`));
    return await runProgram(kubectl, ['kustomize', join(copy, overlay)]);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

function indexPage(brokers: readonly string[]): string {
  const row = (broker: string) => [
    broker,
    `[rendered manifests](./prod-${broker}.md)`,
    `[prod-${broker}.yaml](./prod-${broker}.yaml)`,
  ];
  return [
    '# Rendered manifests',
    `The overlay \`${overlay}\` rendered with each broker. Only the line that selects the broker differs.`,
    table(['Broker', 'Page', 'File'], brokers.map(row)),
  ].join('\n\n');
}

type Manifest = { kind: string; metadata: { name: string; namespace?: string } };

function overlayPage(broker: string, yaml: string): string {
  const objects = parseAllDocuments(yaml).map((document) => ({
    manifest: document.toJS() as Manifest,
    text: document
      .toString({ lineWidth: 0 })
      .replace(/^---\n/, '')
      .trimEnd(),
  }));
  return [
    '---\nsearch: false\n---',
    `# Production, with ${broker}`,
    `What \`kubectl kustomize\` makes of \`${overlay}\` where it names \`broker-${broker}\`: ${objects.length} objects.`,
    ...objects.map(({ manifest: { kind, metadata }, text }) => {
      const where = metadata.namespace === undefined ? '' : ` in ${metadata.namespace}`;
      return `## ${kind} ${metadata.name}${where}\n\n\`\`\`yaml\n${text}\n\`\`\``;
    }),
  ].join('\n\n');
}
