import { errorText } from '../../programs/error-text.js';
import { findProseProblems, obtainVale } from '../../prose/prose-linter.js';
import { exitCodes } from '../exit-codes.js';
import { exitingOnInterrupts } from '../interrupts.js';

process.exitCode = await checkProse(process.argv.slice(2));

/** Prints one line for each problem. `paths` are files or folders; without any, the whole project is checked. */
async function checkProse(paths: readonly string[]): Promise<number> {
  let vale: string;
  try {
    vale = await exitingOnInterrupts(obtainVale);
  } catch (error) {
    console.error(`NOT RUN: vale did not check the prose. ${errorText(error)}`);
    // A developer's machine may lack Go or a C compiler; CI has both.
    return (process.env['CI'] ?? '') === '' ? 0 : exitCodes.unavailable;
  }
  const problems = await findProseProblems(vale, paths.length === 0 ? undefined : paths);
  for (const { file, line, column, rule, message } of problems)
    console.error(`${file}:${line}:${column} ${message} [${rule}]`);
  console.log(`problems in the prose: ${problems.length}`);
  return problems.length === 0 ? 0 : exitCodes.failed;
}
