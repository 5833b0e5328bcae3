import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunFile } from './read-run-file.js';

/** What belongs to a running service, in its folder. Tests and compiled code are elsewhere. */
const partsOfService = ['src', 'views', 'public', 'catalogue.json'];

const restarter = fileURLToPath(new URL('../watch/restart-on-change.js', import.meta.url));

/**
 * Returns the run file with apps that restart when their code, their views or a package changes. The runner supervises the
 * restarter, which stays when the app restarts or fails.
 */
export function restartOnChange(runFile: RunFile, root: string): RunFile {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return {
    ...runFile,
    apps: runFile.apps.map((app) => {
      const [node = '', ...args] = app.command;
      const parts = partsOfService.map((part) => join(root, app.appId, part));
      const sources = packages.map((folder) => join(folder, 'src'));
      const watched = [...parts, ...sources].filter((path) => existsSync(path));
      const workspaces = [join(root, app.appId), ...packages];
      return {
        ...app,
        command: [node, restarter, ...watched, '--', ...args],
        env: {
          ...app.env,
          PRELOAD_DEPENDENCIES_OF: workspaces.map((folder) => join(folder, 'package.json')).join(delimiter),
        },
      };
    }),
  };
}
