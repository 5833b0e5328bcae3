import { parse } from 'yaml';
import { z } from 'zod';

/** The workflow that builds and publishes a release. */
export const releaseWorkflow = '.github/workflows/release.yaml';

const workflowSchema = z.looseObject({
  jobs: z.record(
    z.string(),
    z.looseObject({
      steps: z
        .array(
          z.looseObject({
            uses: z.string().optional(),
            with: z.looseObject({ registry: z.string().optional() }).optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/** The hosts at which the jobs of a workflow sign in, each once. Only GitHub knows the value of an expression. */
export function signInHosts(workflow: string): string[] {
  const { jobs } = workflowSchema.parse(parse(workflow));
  const hosts = Object.values(jobs)
    .flatMap(({ steps = [] }) => steps)
    .filter(({ uses = '' }) => uses.startsWith('docker/login-action@'))
    .map((step) => step.with?.registry ?? 'docker.io');
  return [...new Set(hosts)].filter((host) => !host.includes('${{'));
}
