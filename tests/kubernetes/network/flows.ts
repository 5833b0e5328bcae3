import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifests } from '../rendering/render.js';
import { textOf } from './connections.js';
import { parties, ports } from './parties.js';

/** A row of the table: expected connections, and the component that needs them. */
export type Flow = { connections: readonly string[]; when: string };

const columns = ['From', 'To', 'Port', 'When', 'Why'];

/** Reads the table in the page about network policies. Throws for an unknown party or port. */
export async function readFlows(): Promise<Flow[]> {
  return flowsIn(await readFile(join(manifests, 'base', 'network', 'README.md'), 'utf8'));
}

export function flowsIn(markdown: string): Flow[] {
  const [head, , ...rows] = markdown
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsIn);
  if (head?.join() !== columns.join())
    throw new Error(`the table must have the columns ${columns.join(', ')}`);
  return rows.map(([from = '', to = '', port = '', when = '', why = '']) => {
    if (when === '' || why === '') throw new Error(`${from} → ${to} lacks “When” or “Why”`);
    return {
      when,
      connections: listIn(from).flatMap((sender) =>
        listIn(to).flatMap((receiver) =>
          listIn(port).map((one) =>
            textOf({ from: find(parties, sender), to: find(parties, receiver), port: find(ports, one) }),
          ),
        ),
      ),
    };
  });
}

/** The connections that are expected with these kustomize components. */
export function expectedWith(flows: readonly Flow[], components: readonly string[]): ReadonlySet<string> {
  return new Set(
    flows
      .filter(({ when }) => when === 'always' || components.includes(when))
      .flatMap(({ connections }) => connections),
  );
}

function cellsIn(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function listIn(cell: string): string[] {
  return cell.split(',').map((one) => one.trim());
}

function find<Known extends { name?: string } | { port: number; protocol: string }>(
  all: readonly Known[],
  wanted: string,
): Known {
  const found = all.find(
    (one) => ('protocol' in one ? `${one.protocol} ${String(one.port)}` : one.name) === wanted,
  );
  if (found === undefined) throw new Error(`unknown party or port: ${wanted}`);
  return found;
}
