import { deadLetterApiPath, deadLetterPageSchema, type DeadLetter } from '@unity-purchase/contracts';

/** The newest dead letters of a purchase-service, read with the operator token. */
export async function listDeadLetters(purchaseService: string, operatorToken = ''): Promise<DeadLetter[]> {
  const response = await fetch(`${purchaseService}${deadLetterApiPath}?limit=100`, {
    headers: operatorToken === '' ? {} : { authorization: `Bearer ${operatorToken}` },
  });
  return deadLetterPageSchema.parse(await response.json()).deadLetters;
}
