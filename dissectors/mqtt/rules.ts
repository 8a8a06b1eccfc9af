/** All rules of MQTT. */
import type { Rule } from '../../src/sdk.ts';
import type { Exchange } from './exchange.ts';
import { BROKER_RULES } from './rules/broker.ts';
import { FORM_WARNINGS, FORM_RULES as OF_FORM } from './rules/form.ts';
import { STATEFUL_RULES } from './stateful-rules.ts';

const ofOnePacket: readonly Rule<Exchange>[] = OF_FORM;

/** Rules that make a packet malformed; the first that is broken is reported. */
export const FORM_RULES = ofOnePacket.filter(({ phase }) => phase === 'form');
/** Rules of content, likewise. */
export const CONTENT_RULES: readonly Rule<Exchange>[] = [
  ...ofOnePacket.filter(({ phase }) => phase !== 'form'),
  ...STATEFUL_RULES,
  ...FORM_WARNINGS,
];

export const RULES: readonly Rule<Exchange>[] = [...FORM_RULES, ...CONTENT_RULES, ...BROKER_RULES];
