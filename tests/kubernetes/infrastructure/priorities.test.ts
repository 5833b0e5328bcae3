import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { render } from '../rendering/render.js';
import { infrastructure } from './pieces.js';

// GKE admits system-cluster-critical and system-node-critical only where a ResourceQuota allows them, so only in kube-system.
test('everything uses our own priority class, which exists before it is used', async () => {
  const files = (await readdir(infrastructure, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  const used = new Set<string>();
  for (const file of files)
    for (const [, name = ''] of (await readFile(join(infrastructure, file), 'utf8')).matchAll(
      /priorityClassName: *(\S+)/g,
    ))
      used.add(name);
  expect([...used]).toEqual(['purchase-infrastructure']);
  const [priority] = (await render(join(infrastructure, 'namespaces'))).filter(
    ({ kind }) => kind === 'PriorityClass',
  );
  expect(priority).toMatchObject({ metadata: { name: 'purchase-infrastructure' } });
  // Above every pod without a class, and below what the cluster itself needs.
  expect(priority?.['value']).toBeGreaterThan(0);
  expect(priority?.['value']).toBeLessThan(1_000_000_000);
});
