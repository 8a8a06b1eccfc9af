/** Signatures are verified while the capture goes on: findings stand on the AUTHENTICATION, wherever the capture is by then. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { closing, first, judge, judgeFrames, type Line, talkOf, tally } from '../../kit/filestorage.ts';

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
});
