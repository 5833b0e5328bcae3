import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './test-system.js';

/** What the README says to type for Dapr's own CLI, in this order. */
export const daprCliCommands = { infra: 'npm run infra -- up kafka mongodb', run: 'dapr run -f .' } as const;

/** The commands in a document: the lines of its shell blocks, without comments. */
export async function commandsOf(document: string): Promise<string[]> {
  const text = await readFile(join(projectRoot, document), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

/** A command as the program and the arguments that a shell would make of it; for those without quotes. */
export function wordsOf(command: string): [program: string, ...args: string[]] {
  const [program = '', ...args] = command.split(' ');
  return [program, ...args];
}
