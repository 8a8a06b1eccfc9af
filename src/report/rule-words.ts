/** How a rule's facts are put to people, wherever a rule is explained. */
import type { RuleDocument } from '../lint/rule.ts';

export const FAULT_WORDS: Readonly<Record<RuleDocument['atFault'], string>> = {
  sender: 'the sender of the message',
  receiver: 'the receiver of the message, who should have answered',
  none: 'nobody',
};

export const BASIS_WORDS: Readonly<Record<RuleDocument['restsOn'], string>> = {
  bytes: 'the bytes of the message alone; nothing that a capture missed excuses it',
  seen: 'messages that were both seen and contradict each other; a loss does not excuse it',
  unseen: 'something that was not seen; inconclusive where the capture may have missed it',
};
