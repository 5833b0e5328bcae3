import { join } from 'node:path';
import { debianProgram, prometheusPackages, shellcheckPackages } from '../../programs/debian-programs.js';
import { obtainKubernetesProgram } from '../../programs/kubernetes-programs.js';
import {
  obtainKubectlValidate,
  obtainPodAsInjected,
  upstreamFolder,
  upstreams,
} from '../../programs/manifest-checkers.js';
import { exitingOnInterrupts } from '../interrupts.js';
import { runJest } from '../run-jest.js';
import { totalling } from '../test-totals.js';

process.exitCode = await totalling(async (reports) => {
  // What minutes are spent on the first time must not be waited for inside a test.
  await exitingOnInterrupts(async () => {
    for (const program of ['kubectl', 'etcd', 'kube-apiserver', 'helm'] as const)
      await obtainKubernetesProgram(program);
    await debianProgram(prometheusPackages);
    await debianProgram(shellcheckPackages);
    await obtainKubectlValidate();
    await obtainPodAsInjected();
    for (const upstream of upstreams) await upstreamFolder(upstream);
  });
  return runJest({ projects: ['k8s'], args: process.argv.slice(2), report: join(reports, 'k8s.json') });
});
