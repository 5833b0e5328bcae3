/** What is said of every operation. */
export const commonProblems = {
  401: 'Neither the sidecar nor an operator asks.',
  503: 'The store cannot be asked right now.',
};

/** What is said of every list. */
export const pageProblems = {
  400: 'The query is not valid, or its cursor is not one that a page of this list gave.',
  ...commonProblems,
};
