import { problemCodes } from '@unity-purchase/contracts';
import { format } from 'prettier';
import { table } from '../pages/markdown-text.js';

/** The page of all problem codes, for people who look one up. */
export function problemCodesPage(): Promise<string> {
  const rows = Object.entries(problemCodes)
    .sort(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([code, { status, meaning }]) => [`\`${code}\``, String(status), meaning]);
  const page = [
    '# Problem codes',
    'Written by `npm run docs:api` from `packages/contracts/src/problem-codes.ts`. Codes and statuses never change.',
    table(['Code', 'Status', 'Meaning'], rows),
  ].join('\n\n');
  return format(page, { parser: 'markdown' });
}
