import { projectRoot } from '../project-root.js';
import type { Choice } from '../local/runner/choose-resources.js';
import { planSystem } from '../local/runner/plan-system.js';
import { obtainTool } from '../programs/obtain.js';

/** Obtains what a system on this broker and store needs: minutes the first time, before anything is started. */
export async function obtainFor(choice: Choice): Promise<void> {
  await obtainTool('daprd');
  const { servers } = await planSystem({ root: projectRoot, ...choice });
  for (const { definition } of servers) await definition.obtain();
}
