import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { forwardPort, keepForwarding, type ForwardTarget, type PortForward } from './port-forward.js';

const target = { context: 'kind-shop', namespace: 'purchase-system', what: 'service/storefront', port: 80 };

describe('a forwarded port', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unity-purchase-forward-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A program that does this instead of kubectl. */
  async function program(...lines: string[]): Promise<string> {
    const path = join(folder, 'kubectl');
    await writeFile(path, ['#!/bin/bash', ...lines, ''].join('\n'));
    await chmod(path, 0o755);
    return path;
  }

  test('is the one that kubectl listens on, until it is given back', async () => {
    const kubectl = await program(
      'echo "$*" >"$0.arguments"',
      'echo "Forwarding from 127.0.0.1:4321 -> 8080"',
      'exec sleep 60',
    );
    const forward = await forwardPort({ ...target, localPort: 8080 }, kubectl);
    expect(forward.localPort).toBe(4321);
    await forward[Symbol.asyncDispose]();
    await forward.ended;
  });

  test('is refused with what kubectl printed', async () => {
    const kubectl = await program(
      'echo "error: unable to listen on any of the requested ports" >&2',
      'exit 1',
    );
    await expect(forwardPort(target, kubectl)).rejects.toThrow(
      'kubectl does not forward a port to service/storefront in purchase-system\nerror: unable to listen',
    );
    await expect(forwardPort(target, join(folder, 'nothing'))).rejects.toThrow('ENOENT');
  });
});

describe('a port that is kept', () => {
  /** Forwards that end when the test says so; the first `works` of them succeed. */
  function forwards(works: number) {
    const opened: { target: ForwardTarget; end: () => void }[] = [];
    const forward = (wanted: ForwardTarget): Promise<PortForward> => {
      if (opened.length >= works) return Promise.reject(new Error('there is no pod'));
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      opened.push({ target: wanted, end });
      return Promise.resolve({
        localPort: wanted.localPort ?? 4321,
        ended,
        [Symbol.asyncDispose]: () => {
          end();
          return Promise.resolve();
        },
      });
    };
    return { forward, opened };
  }

  const noPause = () => Promise.resolve();

  test('leads to another pod when its pod has ended, at the same number', async () => {
    const { forward, opened } = forwards(2);
    await using kept = await keepForwarding(target, forward, noPause);
    opened[0]?.end();
    while (opened.length < 2) await new Promise(setImmediate);
    expect(opened.map((each) => each.target.localPort)).toEqual([undefined, kept.localPort]);
  });

  test('ends when nothing is there any more', async () => {
    const { forward, opened } = forwards(1);
    const kept = await keepForwarding(target, forward, noPause);
    opened[0]?.end();
    await kept.ended;
  });

  test('is not opened again after it was given back', async () => {
    const { forward, opened } = forwards(9);
    const kept = await keepForwarding(target, forward, noPause);
    await kept[Symbol.asyncDispose]();
    await kept.ended;
    expect(opened).toHaveLength(1);
  });
});
