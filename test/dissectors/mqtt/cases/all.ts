/**
 * A conversation for each rule of the catalogue, in each version that demands it, that breaks this rule and no other, with the
 * frame, the bytes, the endpoint at fault and the clause. The catalogue's test holds them to the letter.
 */

import type { BreakingCase } from './case.ts';
import { AUTHENTICATING, CONNECTING, REMARKS } from './connect.ts';
import { FORM, PROPERTIES } from './form.ts';
import { ACKNOWLEDGING, DELIVERING, PUBLISHING } from './publish.ts';
import { CLOSING, SUBSCRIBING } from './subscribe.ts';

export const CASES: readonly BreakingCase[] = [
  ...FORM,
  ...PROPERTIES,
  ...CONNECTING,
  ...AUTHENTICATING,
  ...PUBLISHING,
  ...DELIVERING,
  ...ACKNOWLEDGING,
  ...SUBSCRIBING,
  ...CLOSING,
  ...REMARKS,
];
