/** libipc by itself: how it is recognised, followed and judged where no protocol of an application is known. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import libipc from '../../../dissectors/libipc/index.ts';
import {
  CLIENT,
  closing,
  fin,
  type Judged,
  judge,
  judgeFrames,
  type Line,
  libipc as message,
  SERVER,
  talkOf,
  tally,
} from '../../kit/filestorage.ts';
import { casesOf } from '../../kit/portion.ts';

const PONG = 42;
const send = (side: 0 | 1, text: string, type = 2): Line => ({ side, bytes: message(type, PONG, Buffer.from(text)) });
const states = ({ connections }: Judged) => connections.map(({ state, verdict }) => `${state} ${verdict}`);
const protocolsOf = ({ report }: Judged) => report.protocols.map(({ id }) => id);

describe('a connection is recognised', () => {
  const recognised = (client: Uint8Array, server: Uint8Array) => libipc.recogniseStream?.({ client, server });
  const data = send(CLIENT, 'coucou').bytes;

  test.each([
    ['by a DATA in both directions', data, data, 'yes'],
    ['by empty ones', send(CLIENT, '').bytes, send(CLIENT, '').bytes, 'yes'],
    ['not before both are whole', data, data.subarray(0, 8), 'more'],
    ['not before both have spoken', data, new Uint8Array(0), 'more'],
    ['not by another type', data, send(SERVER, 'x', 1).bytes, 'no'],
    ['not by a length that is not allowed', data, message(2, PONG, Buffer.from('x'), 7_999_995), 'no'],
    ['not by text', Buffer.from('GET / HTTP/1.1'), data, 'no'],
  ])('%s', (_, client, server, answer) => {
    expect(recognised(client, server)).toBe(answer);
  });

  test('and followed from message to message', async () => {
    const found = await judge([
      send(CLIENT, 'hello'),
      send(SERVER, 'hello'),
      send(CLIENT, ''),
      send(SERVER, ''),
      ...closing,
    ]);
    expect(found.broken).toEqual([]);
    expect(protocolsOf(found)).toEqual(['libipc']);
    expect(found.seen).toEqual(Array(4).fill('DATA OPEN'));
    expect(tally(found, 'libipc/unknown-type')).toMatchObject({ checked: 4, broken: 0, inconclusive: 0 });
    expect(states(found)).toEqual(['CLOSED conformant']);
    expect(found.connections).toMatchObject([{ messages: 4, client: '10.0.0.1:40000' }]);
  });

  test('behind the TCP bridge', async () => {
    const name: Line = { side: CLIENT, bytes: Buffer.from('pong') };
    const answer: Line = { side: SERVER, bytes: Buffer.from('OK') };
    const found = await judge([name, answer, send(CLIENT, 'hello'), send(SERVER, 'hello'), ...closing]);
    expect(found.seen).toEqual(['DATA OPEN', 'DATA OPEN']);
    expect(found.report.protocols[0].dialect).toEqual({ preface: 'tcpd' });
  });
});

const talk = [send(CLIENT, 'hello'), send(SERVER, 'hello')];

describe('alone', () => {
  test("the library's own messages are shown, and nobody is blamed for them", async () => {
    const found = await judge([...talk, send(SERVER, '', 0), send(SERVER, 'x', 1), send(CLIENT, 'y', 3), ...closing]);
    expect(found.broken).toEqual([]);
    expect(found.seen.slice(2)).toEqual(['SERVER_CLOSE OPEN', 'ERR OPEN', 'NETWORK_LOOKUP OPEN']);
    expect(states(found)).toEqual(['CLOSED conformant']);
    expect(tally(found, 'libipc/type-not-data')).toMatchObject({ checked: 0, broken: 0, inconclusive: 0 });
  });

  test('an unknown type is shown and moves nothing', async () => {
    const found = await judge([...talk, send(CLIENT, 'x', 4), send(SERVER, 'y')]);
    expect(found.broken).toEqual(['libipc/unknown-type 6']);
    expect(found.seen.slice(2)).toEqual(['unknown type OPEN', 'DATA OPEN']);
    expect(found.findings).toMatchObject([{ bytes: { offset: 0, length: 1 }, actual: '4', protocol: 'libipc' }]);
    expect(found.report.protocols[0].coverage.messages).toMatchObject({ DATA: 3, 'unknown type': 1 });
  });

  test.each([
    { length: 7_999_994, broken: [] },
    { length: 7_999_995, broken: ['libipc/message-too-long 6'] },
  ])('a payload of $length bytes', async ({ length, broken }) => {
    const found = await judge([...talk, { side: CLIENT, bytes: message(2, PONG, Buffer.from('x'), length) }]);
    expect(found.broken).toEqual(broken);
  });

  test('a stream that ends inside a message', async () => {
    const found = await judge([
      ...talk,
      { side: SERVER, bytes: send(SERVER, 'hello').bytes.subarray(0, 8) },
      fin(SERVER),
    ]);
    expect(found.broken).toEqual(['libipc/truncated 6']);
    expect(found.findings).toMatchObject([{ atFault: '10.0.0.2:9000' }]);
    expect(states(found)).toEqual(['OPEN violations']);
  });

  test('a connection whose beginning was missed is not read: nothing marks where a message begins', async () => {
    const found = await judgeFrames(talkOf(talk).frames().slice(3), { mapped: 'libipc' });
    expect(found.seen).toEqual([]);
    expect(states(found)).toEqual([]);
  });

  test('a connection that lost bytes is inconclusive', async () => {
    const lines = [...talk, send(CLIENT, 'lost'), send(CLIENT, 'hello'), send(SERVER, 'hello'), ...closing];
    const found = await judgeFrames(talkOf(lines).frames().toSpliced(5, 1));
    expect(found.broken).toEqual([]);
    expect(found.seen).toEqual(['DATA OPEN', 'DATA OPEN', 'DATA OPEN']);
    expect(states(found)).toEqual(['CLOSED inconclusive']);
  });
});

test('any bytes are read without an exception, and the same in any pieces', async () => {
  const side = fc.constantFrom(CLIENT, SERVER);
  const whole = fc.tuple(side, fc.nat(5), fc.uint8Array({ maxLength: 9 })).map(([from, type, bytes]): Line => {
    return { side: from, bytes: message(type, PONG, bytes) };
  });
  const raw = fc
    .tuple(side, fc.uint8Array({ minLength: 1, maxLength: 12 }))
    .map(([from, bytes]) => ({ side: from, bytes }));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof({ weight: 5, arbitrary: whole }, raw), { maxLength: 20 }), async lines => {
      const said = [...lines, ...closing];
      const options = { mapped: 'libipc' };
      const one = await judge(said, options);
      const cut = await judgeFrames(talkOf(said, 1).frames(), options);
      expect(cut.findings.map(({ ruleId }) => ruleId)).toEqual(one.findings.map(({ ruleId }) => ruleId));
      expect(cut.seen).toEqual(one.seen);
    }),
    { numRuns: casesOf(150), endOnFailure: true },
  );
});
