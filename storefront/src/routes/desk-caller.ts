import { clientSignal } from '@unity-purchase/service-kit';
import type { Response } from 'express';
import { operatorOf } from '../middleware/require-operator.js';
import type { DeskCaller } from '../operators/desk.js';

/** The operator of a page. What only the page waits for ends when its browser leaves. */
export function callerOf(response: Response): DeskCaller {
  return { operator: operatorOf(response), signal: clientSignal(response) };
}
