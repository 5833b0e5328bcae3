/** The parts of an event that a page names. */
export type EventField =
  | 'event'
  | 'type'
  | 'data'
  | 'purchaseId'
  | 'shopper'
  | 'customerNumber'
  | 'name'
  | 'items'
  | 'item'
  | 'productCode'
  | 'title'
  | 'quantity'
  | 'unitPrice'
  | 'total'
  | 'amount'
  | 'currency'
  | 'placedAt';

/** What is wrong with all of what was delivered. */
export type ContentFault = 'not-json' | 'not-utf-8' | 'too-deep' | 'too-large';

/** What is wrong with an event. Lines are counted from 1. */
export type EventProblem =
  | { kind: 'content'; fault: ContentFault }
  | { kind: 'sum' | 'buyer' }
  | { kind: 'missing' | 'wrong'; field: EventField; line?: number }
  | { kind: 'attribute'; name: string };

/** The paths of the fields in an event. `#` stands for the index of a line. */
const fields: Readonly<Record<string, EventField>> = {
  '': 'event',
  type: 'type',
  data: 'data',
  'data.purchaseId': 'purchaseId',
  'data.shopper': 'shopper',
  'data.shopper.id': 'customerNumber',
  'data.shopper.name': 'name',
  'data.lines': 'items',
  'data.lines.#': 'item',
  'data.lines.#.sku': 'productCode',
  'data.lines.#.title': 'title',
  'data.lines.#.quantity': 'quantity',
  'data.lines.#.unitPrice': 'unitPrice',
  'data.total': 'total',
  'data.total.amount': 'amount',
  'data.total.currency': 'currency',
  'data.placedAt': 'placedAt',
};

/** Problems that are not about one field, as the purchase-service words them. */
const others: Readonly<Record<string, EventProblem>> = {
  'the event is not JSON': { kind: 'content', fault: 'not-json' },
  'the event is not UTF-8': { kind: 'content', fault: 'not-utf-8' },
  'the event is nested too deeply': { kind: 'content', fault: 'too-deep' },
  'the event is too large to be kept as a whole': { kind: 'content', fault: 'too-large' },
  'data.total.amount must be the sum of the lines': { kind: 'sum' },
  'subject must be the shopper of the purchase': { kind: 'buyer' },
};

/**
 * Reads a problem of the purchase-service: the path of a field and a rule in technical words. A field has only one rule that an operator
 * needs to know, so the path and whether the field is missing are enough, whatever a version says about the rule.
 */
export function readEventProblem(problem: string): EventProblem {
  const known = others[problem];
  if (known !== undefined) return known;
  const path = problem.slice(0, Math.max(0, problem.indexOf(' ')));
  const index = /^data\.lines\.(\d+)/.exec(path)?.[1];
  const field = fields[path.replace(/^data\.lines\.\d+/, 'data.lines.#')];
  if (field === undefined) return { kind: 'attribute', name: path };
  const kind = problem.endsWith('received undefined') ? 'missing' : 'wrong';
  return { kind, field, ...(index === undefined ? {} : { line: Number(index) + 1 }) };
}
