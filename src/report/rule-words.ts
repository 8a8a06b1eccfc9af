/** How a rule's facts are put to people, wherever a rule is explained. */
import type { RuleDocument } from '../lint/rule.ts';

export const FAULT_WORDS: Readonly<Record<RuleDocument['atFault'], string>> = {
  sender: 'the sender of the message',
  receiver: 'the receiver of the message, who should have answered',
  none: 'nobody',
};

export const EVIDENCE_WORDS: Readonly<Record<RuleDocument['evidence'], string>> = {
  message: 'the message itself',
  history: 'the whole history of the connection; inconclusive where it was not seen whole',
};
