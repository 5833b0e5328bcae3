import {
  deadLetterListSchema,
  deadLetterReasonSchema,
  type DeadLetterList,
  type DeadLetterReason,
} from '@unity-purchase/contracts';
import { z } from 'zod';
import type { DeadLetterFilter } from '../operators/desk.js';
import type { Texts } from '../texts/languages.js';
import { readLocalTime } from './local-time.js';
import type { FieldError } from './read-form.js';

/** The list and the filter as the address of the page has them. Times are in the format of their fields, in UTC. */
export type LetterSearchValues = {
  list: DeadLetterList;
  reason: DeadLetterReason | '';
  from: string;
  before: string;
};

const typed = z.string().max(200).catch('');

/** Reads the list and the filter from the query parameters or the form of a page, and all errors in what the operator typed. */
export function readLetterSearch(
  parameters: Readonly<Record<string, unknown>>,
  { desk: { letters } }: Texts,
): { values: LetterSearchValues; filter: DeadLetterFilter; errors: FieldError[] } {
  const read = (name: string) => typed.parse(parameters[name]).trim();
  const values: LetterSearchValues = {
    list: deadLetterListSchema.catch('waiting').parse(parameters['list']),
    reason: deadLetterReasonSchema.safeParse(parameters['reason']).data ?? '',
    from: read('from'),
    before: read('before'),
  };
  const errors: FieldError[] = [];
  const filter: DeadLetterFilter = {};
  if (values.reason !== '') filter.reason = values.reason;
  for (const field of ['from', 'before'] as const) {
    if (values[field] === '') continue;
    const time = readLocalTime(values[field]);
    if (time === undefined) errors.push({ field, message: letters.filter.notATime });
    else filter[field] = time;
  }
  return { values, filter, errors };
}

/** Whether a filter leaves anything out. */
export function isFilter(filter: DeadLetterFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}
