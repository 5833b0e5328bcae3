import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtainKubectlValidate } from '@unity-purchase/tools';
import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';

/** The newest Kubernetes whose schemas kubectl-validate holds; nothing that we use came after it. */
const kubernetesVersion = '1.35';

/** What kubectl-validate writes: for each file, for each document in it, a status. */
const report = z.record(
  z.string(),
  z.array(
    z.object({
      status: z.enum(['Success', 'Failure']),
      message: z.string().optional(),
    }),
  ),
);

/** Many objects are many lines. */
const largestReportBytes = 64 * 1024 * 1024;

export type Refusal = { object: Manifest; complaint: string };

/**
 * What the API server's own code has against objects: unknown and missing fields, wrong types, broken CEL rules, and kinds
 * without a schema. Of kinds that are built in it knows the schema alone, not what Kubernetes checks besides by hand. One
 * entry for each object that is refused. Rejects when it cannot be asked.
 */
export async function refusedObjects(objects: readonly Manifest[], crds: string): Promise<Refusal[]> {
  if (objects.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-validate-'));
  try {
    const names = objects.map((_, index) => join(folder, `${index}.json`));
    await Promise.all(
      objects.map((object, index) => writeFile(names[index] ?? '', JSON.stringify(asRead(object)))),
    );
    const statuses = report.parse(JSON.parse(await runKubectlValidate(folder, crds)));
    return objects.flatMap((object, index) => {
      const answers = statuses[names[index] ?? ''];
      if (answers?.length !== 1) throw new Error(`${nameOf(object)} was not judged`);
      return answers
        .filter(({ status }) => status === 'Failure')
        .map(({ message }) => ({ object, complaint: `${nameOf(object)}: ${message ?? 'refused'}` }));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The API server reads over line breaks in what is encoded, which kustomize makes; kubectl-validate stumbles over them. */
function asRead(object: Manifest): Manifest {
  if (object.kind !== 'Secret') return object;
  const data = Object.entries((object['data'] ?? {}) as Record<string, string>);
  return {
    ...object,
    data: Object.fromEntries(data.map(([name, value]) => [name, value.replaceAll('\n', '')])),
  };
}

/** `ScaledObject purchase-system/purchase-service`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** Resolves to its report, whatever the verdict; rejects when there is none. */
async function runKubectlValidate(folder: string, crds: string): Promise<string> {
  const program = await obtainKubectlValidate();
  const args = ['--version', kubernetesVersion, '--local-crds', crds, '--output', 'json', folder];
  // It would ask the cluster of whoever runs this, where there is one.
  const env = { ...process.env, KUBECONFIG: join(folder, 'no-cluster') };
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, maxBuffer: largestReportBytes }, (error, stdout, stderr) => {
      // 1 says that something was refused.
      if (error === null || error.code === 1) resolve(stdout);
      else reject(new Error(`${program}: ${stderr}`, { cause: error }));
    });
  });
}

/** Each object once, however many renders it is in. */
export function distinctObjects<T extends Manifest>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
}
