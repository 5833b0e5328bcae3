import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainKubectlValidate } from '@unity-purchase/tools';
import { z } from 'zod';
import { nameOf, type Manifest } from '../rendering/render.js';

/** The newest Kubernetes version that kubectl-validate has schemas for. The manifests use nothing newer. */
const kubernetesVersion = '1.35';

/** The output of kubectl-validate: a status for each document in each file. */
const report = z.record(
  z.string(),
  z.array(
    z.object({
      status: z.enum(['Success', 'Failure']),
      message: z.string().optional(),
    }),
  ),
);

/** The report has a few lines per object. */
const reportBytesMax = 64 * 1024 * 1024;

export type Refusal = { object: Manifest; complaint: string };

/**
 * Validates objects with the API server's own code: unknown and missing fields, wrong types, CEL rules, and kinds without a
 * schema. Built-in kinds are only validated against their schema. Returns one entry for each refused object. Rejects if the
 * validator fails.
 */
export async function refusedObjects(objects: readonly Manifest[], crds: string): Promise<Refusal[]> {
  if (objects.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-validate-'));
  try {
    const names = objects.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(
      objects.map((object, index) =>
        writeFile(names[index] ?? '', JSON.stringify(withoutLineBreaks(object))),
      ),
    );
    const statuses = report.parse(JSON.parse(await runKubectlValidate(folder, crds)));
    return objects.flatMap((object, index) => {
      const answers = statuses[names[index] ?? ''];
      if (answers?.length !== 1) throw new Error(`${nameOf(object)} was not validated`);
      return answers
        .filter(({ status }) => status === 'Failure')
        .map(({ message }) => ({ object, complaint: `${nameOf(object)}: ${message ?? 'refused'}` }));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kustomize wraps long encoded values. The API server ignores the line breaks, but kubectl-validate refuses them. */
function withoutLineBreaks(object: Manifest): Manifest {
  if (object.kind !== 'Secret') return object;
  const data = Object.entries((object['data'] ?? {}) as Record<string, string>);
  return {
    ...object,
    data: Object.fromEntries(data.map(([name, value]) => [name, value.replaceAll('\n', '')])),
  };
}

/** Resolves to the report, even if objects are refused. Rejects without a report. */
async function runKubectlValidate(folder: string, crds: string): Promise<string> {
  const program = await obtainKubectlValidate();
  const args = ['--version', kubernetesVersion, '--local-crds', crds, '--output', 'json', folder];
  // Otherwise it would query the developer's own cluster.
  const env = { ...process.env, KUBECONFIG: join(folder, 'no-cluster') };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: reportBytesMax }, (error, stdout, stderr) => {
      // Exit code 1 means that an object was refused.
      if (error === null || error.code === 1) resolve(stdout);
      else reject(new Error(`${program}: ${stderr}`, { cause: error }));
    });
  });
}
