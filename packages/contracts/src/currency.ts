import { z } from 'zod';

/** ISO 4217 codes whose minor unit is not a hundredth, by exponent (https://www.six-group.com, list one). */
const unusualExponents: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
};

const hundredths =
  'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW ' +
  'CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF ' +
  'IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK ' +
  'MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP ' +
  'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ' +
  'ZAR ZMW ZWG';

const exponents: ReadonlyMap<string, number> = new Map([
  ...hundredths.split(' ').map((code) => [code, 2] as const),
  ...Object.entries(unusualExponents).flatMap(([exponent, codes]) =>
    codes.split(' ').map((code) => [code, Number(exponent)] as const),
  ),
]);

/** An active ISO 4217 currency code. */
export const currencySchema = z.string().refine((code) => exponents.has(code), {
  error: 'must be an ISO 4217 currency code',
});

export type Currency = z.infer<typeof currencySchema>;

/**
 * The number of decimals of a currency: EUR 2, JPY 0, KWD 3.
 *
 * @throws RangeError for a code that is not ISO 4217.
 */
export function currencyExponent(currency: Currency): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency code`);
  return exponent;
}
