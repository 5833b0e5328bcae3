import type { WaitingDeadLetters } from '@unity-purchase/contracts';
import type { RequestHandler, Response } from 'express';
import type { OperatorPasses } from '../operators/operator-passes.js';
import type { DeskWatch, SystemStatus } from '../operators/desk-watch.js';
import { paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** What every page of the desk shows around its content. Views see it as `desk`. */
export type DeskLocals = {
  /** The path of the section that the page belongs to. */
  readonly section: string;
  /** How many dead letters wait, as far as that is known when the page is rendered. */
  readonly waiting: WaitingDeadLetters | undefined;
  readonly failure: SystemStatus['failure'];
  /** The address of a section of the runbooks. */
  readonly runbookOf: (section: string) => string;
};

const sections = [paths.allPurchases, paths.deadLetters, paths.auditLog, paths.demo];

type Options = {
  passes: OperatorPasses;
  watch: Pick<DeskWatch, 'waitingDeadLetters' | 'failure'>;
  runbooksUrl: string;
};

/** Provides what pages and error pages of the desk show, if the visitor is an operator. */
export function deskLocals({ passes, watch, runbooksUrl }: Options): RequestHandler {
  return function setDeskLocals(request, response, next) {
    if (passes.operatorOf(sessionOf(response).operatorPass) !== undefined)
      response.locals['desk'] = {
        section: sectionOf(request.originalUrl),
        // Read when the page is rendered, so that a page that has just read the status shows the same number.
        get waiting() {
          return watch.waitingDeadLetters;
        },
        get failure() {
          return watch.failure;
        },
        runbookOf: (section) => `${runbooksUrl}#${section.toLowerCase()}`,
      } satisfies DeskLocals;
    next();
  };
}

/** What the desk provides for the page of a response; undefined if it is not a page of the desk, or not for an operator. */
export function deskLocalsOf(response: Response): DeskLocals | undefined {
  return response.locals['desk'] as DeskLocals | undefined;
}

/** The section of an address. What is done with dead letters belongs to theirs. */
function sectionOf(address: string): string {
  const path = address.replace(/\?.*/s, '').toLowerCase();
  if (path.startsWith(paths.deadLetterReplays)) return paths.deadLetters;
  return sections.find((section) => path === section || path.startsWith(`${section}/`)) ?? paths.operators;
}
