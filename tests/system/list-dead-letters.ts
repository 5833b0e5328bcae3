import { deadLetterApiPath, deadLetterPageSchema, type DeadLetter } from '@unity-purchase/contracts';

/** The newest dead letters that a purchase-service keeps, as an operator with a token sees them. */
export async function listDeadLetters(purchaseService: string, operatorToken = ''): Promise<DeadLetter[]> {
  const response = await fetch(`${purchaseService}${deadLetterApiPath}?limit=100`, {
    headers: operatorToken === '' ? {} : { authorization: `Bearer ${operatorToken}` },
  });
  return deadLetterPageSchema.parse(await response.json()).deadLetters;
}
