/** The help texts: the list of all commands, and the help of each. Without dependencies, because the bootstrap prints them. */
import { readdirSync } from 'node:fs';
import { commands, requirements } from './command-table.js';

/** @typedef {import('./command-table.js').Command} Command */

const root = new URL('../../', import.meta.url);

/** @param {readonly (readonly [string, string])[]} rows */
function columns(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

/** Every command with its description, one per line. */
export function listText() {
  const rows = Object.entries(commands).map(
    ([name, { description }]) => /** @type {const} */ ([name, description]),
  );
  return [
    'Usage: npm run COMMAND [-- ARGUMENTS]',
    '',
    ...columns(rows),
    '',
    'npm run COMMAND -- --help describes one command.',
  ].join('\n');
}

/**
 * What a command does, its actions and options, and what it needs besides Node.
 *
 * @param {string} name
 * @param {Command} command
 */
export function helpText(name, command) {
  const { description, actions = [], options = {}, notes = [], requires = [] } = command;
  const section = (/** @type {string[]} */ ...lines) => (lines.length > 1 ? [lines.join('\n')] : []);
  return [
    `${description}.`,
    `Usage: ${usage(name, command)}`,
    ...section('Actions:', ...columns(actions)),
    ...section(
      'Options:',
      ...columns(Object.entries(options).map(([option, about]) => optionRow(option, about))),
    ),
    ...(notes.length === 0 ? [] : [notes.join('\n')]),
    ...section('Besides Node it uses:', ...requires.map((requirement) => `  ${requirements[requirement]}`)),
  ].join('\n\n');
}

/**
 * @param {string} name
 * @param {Command} command
 */
function usage(name, { positionals, options, passesArgumentsTo }) {
  const parts = [
    options === undefined ? '' : '[OPTIONS]',
    positionals ?? '',
    passesArgumentsTo === undefined ? '' : `[ARGUMENTS FOR ${passesArgumentsTo.toUpperCase()}]`,
  ].filter(Boolean);
  return ['npm run', name, ...(parts.length === 0 ? [] : ['--', ...parts])].join(' ');
}

/**
 * @param {string} name
 * @param {import('./command-table.js').Option} option
 * @returns {readonly [string, string]}
 */
function optionRow(name, { value, description, default: initial, choicesIn }) {
  const left = value === undefined ? `--${name}` : `--${name} ${value}`;
  const choices = choicesIn === undefined ? '' : `: ${foldersIn(choicesIn).join(', ')}`;
  return [left, `${description}${initial === undefined ? '' : ` (${initial})`}${choices}`];
}

/** @param {string} path */
function foldersIn(path) {
  return readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}
