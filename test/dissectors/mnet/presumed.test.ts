/**
 * The labelled cases in a capture that is only presumed complete, as most are: what they break is found there as well, save
 * where the law itself says that nobody can tell.
 *
 * The price are accusations in captures with one lost frame; test/field/conditions.test.ts says which, and why nobody could tell.
 */
import { expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/open.ts';
import { judge, judgeCapture } from '../../kit/mnet.ts';
import { CASES } from './cases.ts';

const ONE_SIDED = 'one direction alone was ever seen: the other may have been there';

/** What the law makes inconclusive, and why. */
const INCONCLUSIVE: Readonly<Record<string, string>> = {
  'mnet/cookie-unsolicited': ONE_SIDED,
  'mnet/echo-address': ONE_SIDED,
  'mnet/echo-unsolicited': ONE_SIDED,
  'mnet/handshake-incomplete': ONE_SIDED,
  'mnet/shutdown-complete-unsolicited': 'so ends every conversation whose SHUTDOWN-ACK was lost',
};

test.each(CASES)('$rule', ({ rule, frame, conversation, options }) => {
  const { broken } = judge(conversation, { ...options, capture: 'auto' });
  const found = broken.filter(fault => fault.rule === rule);
  expect(found).toEqual(rule in INCONCLUSIVE ? [] : [{ rule, frame }]);
});

test('faults.pcap: a peer that counts on from less, after it has seen the count, shows that the count was wrong', async () => {
  const capture = await openCapture(new URL('../../../fixtures/mnet/faults.pcap', import.meta.url).pathname);
  const { broken } = await judgeCapture(capture, { capture: 'auto' });
  expect(broken).toEqual([
    { rule: 'mnet/retransmit-differs', frame: 7 },
    { rule: 'mnet/ack-unsent', frame: 17 },
    { rule: 'mnet/data-after-shutdown', frame: 20 },
  ]);
});
