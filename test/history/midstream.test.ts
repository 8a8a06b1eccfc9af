/** Where a connection stood before its first message is not claimed when nobody saw it. */
import { expect, test } from 'vitest';
import { Traffic } from '../../src/testkit/traffic.ts';
import { historyOf } from '../kit/history.ts';

const MAPPED = { decodeAs: [{ transport: 'udp', from: 26_999, to: 26_999, protocol: 'mnet' }] } as const;
const A = '10.0.0.1:5000';
const B = '10.0.0.9:26999';

test.each([
  ['a bare acknowledgement', '00 112233 00000000 00000000 0000', []],
  ['a fault that the bytes prove', '05 112233 00', ['mnet/length 1']],
])('picked up in the middle with %s', async (_, payload, faults) => {
  const { history, report } = await historyOf(new Traffic().datagram(A, B, payload).pcap(), MAPPED);
  const errors = report.findings.filter(({ severity }) => severity === 'error');
  expect(errors.map(({ ruleId, frame }) => `${ruleId} ${frame}`)).toEqual(faults);
  expect([history.messages.stateBefore(0, 0), history.messages.stateBefore(0, 1)]).toEqual([255, 255]);
});

test('seen from its beginning, both sides are where the machine begins', async () => {
  const { history } = await historyOf('mnet/echo-small.pcap');
  expect([history.messages.stateBefore(0, 0), history.messages.stateBefore(0, 1)]).toEqual([0, 0]);
});
