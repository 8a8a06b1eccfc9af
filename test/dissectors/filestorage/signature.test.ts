/** Signatures are verified while the capture goes on: findings stand on the AUTHENTICATION, wherever the capture is by then. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/protocol/limits.ts';
import {
  CLIENT,
  closing,
  data,
  first,
  id,
  judge,
  judgeFrames,
  type Line,
  talkOf,
  tally,
} from '../../kit/filestorage.ts';

const { authentication, ok } = first;
const RULE = 'filestorage/token-signature';
const dialect = { tokenKey: Buffer.from('secret').toString('hex') };

function signedWith(key: string): Line {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part({ sub: '1' })}`;
  return authentication(1, [], { token: `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}` });
}

describe('a signature', () => {
  test('that verifies is counted', async () => {
    const found = await judge([signedWith('secret'), ok(1), ...closing], { dialect });
    expect(found.broken).toEqual([]);
    expect(tally(found, RULE)).toMatchObject({ checked: 1, broken: 0, inconclusive: 0 });
    expect(found.connections).toMatchObject([{ state: 'CLOSED', verdict: 'conformant', messages: 2 }]);
  });

  test('that does not is found on the frame of its message, with the ends of its connection', async () => {
    const found = await judge([signedWith('another'), ok(1), ...closing], { dialect });
    expect(found.broken).toEqual(['token-signature 4']);
    expect(found.findings).toMatchObject([
      { connection: 1, from: '10.0.0.1:40000', to: '10.0.0.2:9000', state: 'NEW', messageName: 'AUTHENTICATION' },
    ]);
    expect(found.connections).toMatchObject([{ id: 1, state: 'CLOSED', verdict: 'violations' }]);
  });

  test('is not asked for without a key', async () => {
    const found = await judge([signedWith('another'), ok(1)]);
    expect(tally(found, RULE)).toMatchObject({ checked: 0, broken: 0, inconclusive: 0 });
  });

  test('keeps its connection apart from those that open meanwhile', async () => {
    const others = [1, 2, 3].flatMap(port =>
      talkOf([signedWith(port === 2 ? 'secret' : 'x'), ok(1), ...closing], 65_000, `10.0.0.1:4000${port}`).frames(),
    );
    const found = await judgeFrames(others, { dialect });
    expect(found.findings.map(({ connection, from }) => [connection, from])).toEqual([
      [1, '10.0.0.1:40001'],
      [3, '10.0.0.1:40003'],
    ]);
    expect(found.connections.map(({ verdict }) => verdict)).toEqual(['violations', 'conformant', 'violations']);
  });

  test("names the ends of its connection although its flow was given up, and its place is another pair's", async () => {
    const others = [1, 2, 3].flatMap(port =>
      talkOf([signedWith(port === 2 ? 'secret' : 'x')], 65_000, `10.0.0.1:4000${port}`).frames(),
    );
    const found = await judgeFrames(others, { dialect, engine: { limits: { ...DEFAULT_LIMITS, flows: 1 } } });
    expect(found.findings.map(({ connection, from, to }) => [connection, from, to])).toEqual([
      [1, '10.0.0.1:40001', '10.0.0.2:9000'],
      [3, '10.0.0.1:40003', '10.0.0.2:9000'],
    ]);
    expect(found.connections.map(({ id, client }) => [id, client])).toEqual([
      [1, '10.0.0.1:40001'],
      [2, '10.0.0.1:40002'],
      [3, '10.0.0.1:40003'],
    ]);
  });

  test('that does not verify shows the bytes of its token', async () => {
    const line = signedWith('another');
    const found = await judge([line, ok(1), ...closing], { dialect });
    const [{ bytes, excerpt }] = found.findings;
    const offset = Buffer.from(line.bytes).indexOf('"ey');
    expect(bytes?.offset).toBe(offset);
    expect(excerpt).toMatchObject({ offset: 0, bytes: line.bytes.slice(0, 128), messageLength: line.bytes.length });
  });

  test('deep in a long message shows what stands around it', async () => {
    const { token } = JSON.parse(Buffer.from(signedWith('another').bytes.subarray(6)).toString());
    const files = [{ name: 'x'.repeat(1_000), size: 0 }];
    const long = data(CLIENT, 1, { 'message-id': id(1), files, token });
    const found = await judge([long, ok(1), ...closing], { dialect, mapped: true });
    const [{ bytes, excerpt }] = found.findings;
    expect(bytes?.offset).toBe(Buffer.from(long.bytes).indexOf('"ey'));
    expect(excerpt?.bytes).toHaveLength(128);
    expect(Buffer.from(excerpt?.bytes ?? []).toString()).toContain('"token":"ey');
    expect(excerpt?.messageLength).toBe(long.bytes.length);
  });

  test('beyond the number that is checked at once is inconclusive', async () => {
    const others = [1, 2].flatMap(port => talkOf([signedWith('x')], 65_000, `10.0.0.1:4000${port}`).frames());
    const limits = { ...DEFAULT_LIMITS, 'pending-signatures': 1 };
    const found = await judgeFrames(others, { dialect, engine: { limits } });
    expect(found.broken).toEqual(['token-signature 4']);
    expect(tally(found, RULE)).toMatchObject({ checked: 1, broken: 1, inconclusive: 1 });
    expect(found.report.notes).toEqual([
      'filestorage: --limit pending-signatures=1 was hit once; what needed more could not be judged',
    ]);
  });
});
