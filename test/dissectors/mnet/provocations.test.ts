/** Each rule that can be broken on purpose is, in a conversation that would be right otherwise; the rest say why not. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import mnet from '../../../dissectors/mnet/index.ts';
import { CLIENT, SERVER } from '../../kit/guard-bench.ts';
import { handshake, type Line, later, parties } from '../../kit/mnet.ts';
import { describeProvocations, refusalsIn, type Try } from '../../kit/provoked.ts';

const { C, L } = parties();
const opened = handshake({ C, L });
/** A listener that was given an INIT with the tag of the attack, and a connector that echoes what it gets. */
const given = parties({ initTag: 1 }).L;
const echoed: Line = { from: 'connector', bytes: Uint8Array.of(3, ...given.cookie().bytes.subarray(1)) };
const shutdown = [C.shutdown(), L.shutdownAck(), C.shutdownComplete()];
const talked = [C.data(0, 20), L.data(0, 30, 20), C.data(20, 40, 30), L.data(30, 50, 40)];
const whole = [...opened, ...talked, C.shutdown(50), L.shutdownAck(), C.shutdownComplete()];

/** Of a cookie: its Expiration, the connector's address and the listener's port in the bench, and both tags. */
const signed = Buffer.from(['06f15365', '0a000001', '1b58', 'b60afb', 'cf742a'].join(''), 'hex');
const hmac = createHmac('sha1', Buffer.from('00112233', 'hex')).update(signed).digest();

const says =
  (flow: number) =>
  ({ from, bytes, after }: Line) => ({ side: from === 'connector' ? CLIENT : SERVER, bytes, after, flow });
const talk = (lines: readonly Line[], rest: Partial<Try> = {}): Try => ({
  protocol: 'mnet',
  carrier: 'datagrams',
  isRecognised: true,
  lines: lines.map(says(1)),
  ...rest,
});
/** The listener refuses the connector's first DATA. */
const refused = talk([...opened, C.data(0, 20), L.abort()], { reaction: 'refused' });
/** The listener takes no notice of what is sent in the connector's name. */
const unmoved = talk(whole, { reaction: 'went on' });
const flows = (count: number): Try =>
  talk([], {
    lines: Array.from({ length: count }, (_, index) => {
      const { C: one } = parties({ initTag: 0x10203 + index * index * 977 });
      return [one.init(), given.cookie(), echoed, given.cookieAck()].map(says(index + 1));
    }).flat(),
  });

describeProvocations(
  mnet,
  {
    'truncated-header': unmoved,
    'unknown-type': refused,
    length: refused,
    'data-length-mismatch': refused,
    'bad-magic': unmoved,
    'wrong-role': unmoved,
    'tag-mismatch': refused,
    'cookie-unsolicited': { ...unmoved, isRecognised: false, midstream: 'never' },
    'cookie-peer-tag': talk([C.init(), L.cookie(), C.abort()], { reaction: 'refused' }),
    'echo-unsolicited': unmoved,
    'echo-mismatch': talk([C.init(), L.cookie(), C.echo(), L.abort()], { reaction: 'refused' }),
    'unsupported-version': talk([C.init(), L.abort({ tag: 0xcf742a })], { reaction: 'refused' }),
    'cookie-mac': talk([C.init(), L.cookie({ hmac }), C.abort()], {
      dialect: { 'mnet.cookieMac': 'spec', 'mnet.cookieKey': '00112233' },
      reaction: 'refused',
    }),
    'cookie-expired': talk([C.init(), L.cookie(), C.abort()], { dialect: { 'mnet.byteOrder': 'little' } }),
    'echo-expired': talk([C.init(), L.cookie(), C.echo(), later(61, L.abort())], { reaction: 'refused' }),
    'cookie-ack-unsolicited': unmoved,
    'init-tag-reused': flows(2),
    'tag-not-random': flows(8),
    'data-before-echo': unmoved,
    'data-before-ack': talk([...opened, L.data(0, 30), later(1, C.bare(0, 30))], { reaction: 'went on' }),
    'sequence-underflow': refused,
    'sequence-gap': refused,
    'retransmit-differs': talk([...opened, C.data(0, 20), C.data(20, 40), L.abort()], { reaction: 'refused' }),
    'ack-unsent': refused,
    'ack-regress': talk([...opened, ...talked, C.data(40, 60, 50), L.bare(50, 60)], { reaction: 'went on' }),
    reordered: talk([...opened, L.data(0, 30), C.bare(0, 30), L.data(30, 50), C.bare(0, 50), L.data(50, 70)]),
    'data-after-shutdown': talk([...opened, C.data(0, 20), C.shutdown(), L.shutdownAck(), later(2, L.abort())]),
    'shutdown-before-established': unmoved,
    'shutdown-ack-unsolicited': talk([...opened, C.abort()], { reaction: 'refused' }),
    'shutdown-complete-unsolicited': talk([...opened, C.shutdown(), L.shutdownAck(), C.abort()], {
      reaction: 'refused',
    }),
    'after-close': talk([...opened, C.data(0, 20), ...shutdown], { reaction: 'ignored' }),
    'after-abort': talk([...opened, L.data(0, 30)], { reaction: 'ignored' }),
    'handshake-incomplete': talk([C.init(), L.cookie(), later(3, C.init()), L.cookie(), later(3, C.init())]),
    'shutdown-incomplete': talk([...opened, C.shutdown(), L.shutdownAck(), later(6, C.shutdown())]),
    'unknown-connection': { ...unmoved, isRecognised: false },
  },
  {
    'unsupported-version-accepted': 'the listener does it itself when mnet/unsupported-version is provoked',
    'echo-address': 'it takes a cookie of another connection, which no fault can carry over',
    'bad-cookie-accepted': 'the listener does it itself when mnet/echo-mismatch is provoked',
    'ambiguous-reading': 'it says how the traffic was read, and nobody breaks it',
  },
);

test('a message is refused with an ABORT that has the tag it was sent with, an INIT or COOKIE with that of the INIT', () => {
  const lines = [C.init(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 4), C.raw(Uint8Array.of(0, 1)), L.abort()];
  const [connectors, listeners] = ['08cf742a', '08b60afb'];
  const untagged = ['DATA', 'ABORT'];
  expect(refusalsIn(talk(lines))).toEqual([connectors, connectors, listeners, listeners, connectors, ...untagged]);
});
