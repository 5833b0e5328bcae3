import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunFile } from './read-run-file.js';

/** What belongs to a running service, in its folder. Tests and compiled code are elsewhere. */
const partsOfService = ['src', 'views', 'public', 'catalogue.json'];

/**
 * Returns the run file with apps that restart when their code, their views or a package changes. Node's watch mode is the
 * process that the runner supervises: it stays when the app restarts, and after an app fails it waits for the next change.
 */
export function restartOnChange(runFile: RunFile, root: string): RunFile {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name, 'src'));
  return {
    ...runFile,
    apps: runFile.apps.map((app) => {
      const [node = '', ...args] = app.command;
      const parts = partsOfService.map((part) => join(root, app.appId, part));
      const watched = [...parts, ...packages].filter((path) => existsSync(path));
      const flags = ['--watch-preserve-output', ...watched.map((path) => `--watch-path=${path}`)];
      return { ...app, command: [node, ...flags, ...args] };
    }),
  };
}
