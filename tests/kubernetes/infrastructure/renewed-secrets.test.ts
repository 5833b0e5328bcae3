import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { upstreamFolder } from '@unity-purchase/tools';
import { manifests, manifestsIn } from '../rendering/render.js';

/**
 * Strimzi renews certificates a month before they expire. external-secrets copies them within 15 minutes, and running
 * sidecars load them within a minute: Dapr reloads components by default, and compares them with their Secrets' content.
 */
test('renewed secrets reach running sidecars, because the installed Dapr reloads components', async () => {
  const dapr = await upstreamFolder('dapr');
  const read = (file: string): Promise<string> => readFile(join(dapr, file), 'utf8');
  expect(await read('pkg/config/configuration.go')).toMatch(
    /defaultFeatures = map\[Feature\]bool\{[^}]*\bHotReload: +true,/,
  );
  // It lists every minute, so it needs no change of the component's object.
  expect(await read('pkg/runtime/hotreload/reconciler/reconciler.go')).toContain(
    'const defaultReconcileInterval = time.Second * 60',
  );
  const operator = await read('pkg/operator/api/components.go');
  expect(operator.slice(operator.indexOf(') ListComponents('))).toMatch(
    /^[^]*?processComponentSecrets\(ctx, &c,/,
  );
});

test('no configuration of ours switches reloading off', async () => {
  const [configuration] = manifestsIn(
    await readFile(join(manifests, 'base/dapr/configuration.yaml'), 'utf8'),
  );
  expect(JSON.stringify(configuration)).not.toContain('HotReload');
});

test.each(['broker-kafka', 'store-mongodb'])(
  '%s copies renewed secrets within fifteen minutes',
  async (component) => {
    const objects = manifestsIn(
      await readFile(join(manifests, `components/${component}/secrets.yaml`), 'utf8'),
    );
    const copies = objects.filter(({ kind }) => kind === 'ExternalSecret');
    expect(copies.length).toBeGreaterThan(0);
    for (const { spec } of copies) expect(spec).toMatchObject({ refreshInterval: '15m' });
  },
);
