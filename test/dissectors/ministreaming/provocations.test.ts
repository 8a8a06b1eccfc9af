/** Each rule can be broken on purpose, in a conversation that would be right otherwise. */
import { expect, test } from 'vitest';
import ministreaming from '../../../dissectors/ministreaming/index.ts';
import { CLIENT, SERVER } from '../../kit/guard-bench.ts';
import { type Line, later, link, raw } from '../../kit/ministreaming.ts';
import { describeProvocations, refusalsIn, type Try } from '../../kit/provoked.ts';

const c = link();
const d = link('ann', 0x234568, 0x987655);

const talk = (lines: readonly Line[], rest: Partial<Try> = {}): Try => ({
  protocol: 'ministreaming',
  carrier: 'datagrams',
  isRecognised: true,
  lines: lines.map(({ from, bytes, after }) => ({ side: from === 'ann' ? CLIENT : SERVER, bytes, after })),
  ...rest,
});
const opened = [c.syn(), c.ack()];
/** The server closes when it is sent the first DATA, as it may at any time. */
const closed = talk([...opened, c.send(), c.serverClose()], { reaction: 'went on' });
const clientCloses = talk([...opened, c.send(), c.answer(), c.close()], { reaction: 'ignored' });
const serverCloses = talk([...opened, c.answer(), c.serverClose()], { reaction: 'ignored' });
const rejected = talk([c.syn(), c.refuse()], { isRecognised: false, reaction: 'refused' });

describeProvocations(
  ministreaming,
  {
    'truncated-header': { ...clientCloses, reaction: 'went on' },
    'unknown-type': closed,
    'reserved-type': closed,
    'ack-length': serverCloses,
    'reserved-id': closed,
    'syn-missing-key': rejected,
    'syn-key-format': talk([c.syn(), c.refuse()], {
      isRecognised: false,
      dialect: { 'ministreaming.key': 'i2p-destination' },
      reaction: 'refused',
    }),
    'close-payload': talk([...opened, c.send(), c.serverClose()]),
    'own-id': talk([...opened, c.answer()], { reaction: 'ignored' }),
    'server-id-in-use': talk([...opened, d.syn(), d.ack()]),
    'wrong-direction': talk([...opened, c.answer(), c.close()], { reaction: 'went on' }),
    'syn-id-in-use': talk([...opened, c.send(), c.serverClose()], { isRecognised: false }),
    'ack-unexpected': talk(opened, { isRecognised: false, reaction: 'ignored' }),
    'ack-duplicate': talk([...opened, c.close()], { reaction: 'went on' }),
    'ack-after-close': talk([...opened, c.serverClose()], { reaction: 'ignored' }),
    'data-unknown-id': closed,
    'data-before-ack': talk([...opened, c.answer(), c.close()], { reaction: 'went on' }),
    'data-after-close': talk([...opened, c.send(), c.close()], { reaction: 'ignored' }),
    'data-crossing-close': talk([...opened, c.serverClose(), c.send()]),
    'data-after-refusal': serverCloses,
    'close-unknown-id': clientCloses,
    'close-duplicate': clientCloses,
    'syn-unanswered': talk([...opened, later(61, d.syn()), d.ack()], { isRecognised: false }),
    'left-open': { ...serverCloses, isOn: ['ministreaming/left-open'] },
    'unknown-session': { ...clientCloses, isRecognised: false, reaction: 'went on' },
  },
  {},
);

test('a SYN is refused with the CLOSE of a server, an ACK with that of a client, and nothing else for want of an id', () => {
  const lines = [c.syn(), c.ack(), c.send(), c.answer(), raw('ann', [0xa1, 0]), c.close(), c.serverClose()];
  const others = ['DATA (client)', 'DATA (server)', 'SYN', 'CLOSE (client)', 'CLOSE (server)'];
  expect(refusalsIn(talk(lines, { isRecognised: false }))).toEqual(['52234567', 'a2987654', ...others]);
});
