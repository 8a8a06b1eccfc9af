/** Where the two OASIS standards require something, and what they say there. */
import type { Clause } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { V5, V311 } from './terms.ts';

/**
 * The clauses of a rule by version: statement numbers without their `MQTT-`, or sections (`§3.13`).
 * @param v311 empty where 3.1.1 requires nothing; `v5` likewise
 * @param says what is required, in a sentence of our own; of 5.0 where that differs
 */
export function clauses(v311: string, v5: string, says: string, saysV5: string = says): readonly Clause[] {
  return [
    ...(v311 === '' ? [] : [{ edition: V311, clause: named(v311), says }]),
    ...(v5 === '' ? [] : [{ edition: V5, clause: named(v5), says: saysV5 }]),
  ];
}

/** `3.1.0-1, §3.1` is `MQTT-3.1.0-1, §3.1`. */
function named(numbers: string): string {
  return numbers
    .split(', ')
    .map(number => (number.startsWith('§') ? number : `MQTT-${number}`))
    .join(', ');
}

/** The version of the connection: for `Rule.editionHere`. */
export const editionHere = ({ edition }: Exchange): string | undefined => edition;
