/**
 * The one entry of every npm script: checks Node, installs the dependencies when they are not those of package-lock.json,
 * then runs a command written in TypeScript. Plain JavaScript without dependencies, because it runs before there are any.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stampFile = `${root}node_modules/.install-stamp`;

/** Jest 30 and ESLint 10 need it; older versions fail later with messages that do not say so. */
const nodeMinimum = [20, 19];

/** How soon a lost parent is noticed. */
const orphanCheckMs = 500;

const commands = {
  start: 'Start the whole system on this machine; --broker NAME, --store NAME',
  test: 'Run every test; --unit or --e2e for one part, the rest goes to Jest',
  'test-matrix': 'Try every promise on every broker and store; names of pairs, --check or --update',
  'test-chaos': 'Buy while everything is killed in turn, and reconcile; --minutes, --seed, --broker, --store',
  'test-api': 'Try both APIs with what their documents allow and forbid; needs Python; --seed, --examples',
  'test-k8s': 'Prove the Kubernetes manifests, without a cluster; needs Go',
  'test-release': 'Rehearse releases with a git server and a registry of their own; needs Go',
  'check-workflows': 'Read the workflows with actionlint and zizmor; needs Go and Python',
  release: 'One step of a release: guard, labels, digest, publish, verify, bump, rollback, confirm',
