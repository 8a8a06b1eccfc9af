/** Every rule of the catalogue is broken alone, at the right frame, by the right end. */
import { describe, expect, test } from 'vitest';
import ministreaming from '../../../dissectors/ministreaming/index.ts';
import { cut, judge, link, raw, tally } from '../../kit/ministreaming.ts';
import { ann, bob, CASES, c, d, e, opened } from './cases.ts';

/** As agreed on before the rules were written: severity, who is at fault. */
const CATALOGUE: Readonly<Record<string, readonly [severity: string, atFault: string]>> = {
  'ministreaming/truncated-header': ['error', 'sender'],
  'ministreaming/unknown-type': ['error', 'sender'],
  'ministreaming/reserved-type': ['warning', 'sender'],
  'ministreaming/reserved-id': ['error', 'sender'],
  'ministreaming/wrong-direction': ['error', 'sender'],
  'ministreaming/own-id': ['error', 'sender'],
  'ministreaming/syn-missing-key': ['error', 'sender'],
  'ministreaming/syn-key-format': ['warning', 'sender'],
  'ministreaming/syn-id-in-use': ['error', 'sender'],
  'ministreaming/ack-length': ['error', 'sender'],
  'ministreaming/ack-unexpected': ['error', 'sender'],
  'ministreaming/ack-duplicate': ['error', 'sender'],
  'ministreaming/ack-after-close': ['error', 'sender'],
  'ministreaming/server-id-in-use': ['error', 'sender'],
  'ministreaming/data-unknown-id': ['error', 'sender'],
  'ministreaming/data-before-ack': ['error', 'sender'],
  'ministreaming/data-after-close': ['error', 'sender'],
  'ministreaming/data-crossing-close': ['info', 'none'],
  'ministreaming/data-after-refusal': ['error', 'sender'],
  'ministreaming/close-payload': ['error', 'sender'],
  'ministreaming/close-unknown-id': ['error', 'sender'],
  'ministreaming/close-duplicate': ['warning', 'sender'],
  'ministreaming/syn-unanswered': ['warning', 'receiver'],
  'ministreaming/left-open': ['info', 'none'],
  'ministreaming/unknown-session': ['info', 'none'],
};

/** The ids without their prefix, as `judge` prints them. */
const NAMES = Object.keys(CATALOGUE).map(id => id.slice('ministreaming/'.length));

test('the folder has the rules of the catalogue', () => {
  const found = ministreaming.rules.map(({ id, severity, atFault }) => [id, [severity, atFault]]);
  expect(Object.fromEntries(found)).toEqual(CATALOGUE);
});

describe('alone, and in its place', () => {
  const cases = CASES.map(([what, lines, broken, atFault, options]) => ({ what, lines, broken, atFault, options }));

  test.each(cases)('$what', ({ lines, broken, atFault, options }) => {
    const { broken: found, findings } = judge(lines, options);
    expect(found).toEqual(broken);
    expect(findings[0].atFault).toBe(atFault);
    for (const { ruleId, bytes, frame } of findings) {
      const { bytes: sent } = lines[frame - 1];
      expect([ruleId, bytes === null || bytes.offset + bytes.length <= sent.length]).toEqual([ruleId, true]);
    }
  });

  test('every rule has a case', () => {
    const shown = new Set(CASES.flatMap(([, , broken]) => broken.map(line => line.split(' ')[0])));
    expect(NAMES.filter(rule => !shown.has(rule))).toEqual([]);
  });
});

describe('each packet gets one of the rules about ids', () => {
  test('own-id rather than data-unknown-id, or wrong-direction where it is the own id and the wrong role', () => {
    const { broken } = judge([...opened, e.syn(), e.ack(), ann('a0 23 45 67 64'), ann('50 23 45 67 64')]);
    expect(broken).toEqual(['own-id 5', 'own-id 6']);
  });

  test("the id of a connection that is over is not the sender's own", () => {
    const { broken } = judge([...opened, c.close(), c.serverClose(), ann('a0 23 45 67 64')]);
    expect(broken).toEqual(['data-unknown-id 5']);
  });

  test('the id of the other role is found, whatever became of its connection', () => {
    expect(judge([...opened, c.close(), c.serverClose(), bob('a0 23 45 67 64')]).broken).toEqual(['wrong-direction 5']);
  });
});

test('a server id is given again that a client has certainly closed under: what it says from there on is of the new connection', () => {
  // Whether the server had closed as well is not known: its CLOSE has gone astray.
  const again = link('ann', d.clientId, c.serverId);
  const { broken } = judge([...opened, c.close(), bob('52 98 76 54'), d.syn(), again.ack(), again.close(), d.answer()]);
  expect(broken).toEqual(['own-id 4', 'data-crossing-close 8']);
});

describe('what the snap length hides is no fault', () => {
  test.each([0, 1, 3])('%i bytes of each message are left', captured => {
    const lines = [c.syn(), c.ack(), c.send(), c.close(), c.send()].map(line => cut(captured, line));
    expect(judge(lines).findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('the header is left: the steps are known, the server id is not', () => {
    const lines = [c.syn(), c.ack(), c.answer(), c.send(), c.close(), c.serverClose()].map(line => cut(4, line));
    const found = judge(lines);
    expect(found.broken).toEqual([]);
    expect(found.connections.map(({ verdict }) => verdict)).toContain('inconclusive');
    expect(judge([c.syn(), c.refuse([1, 2, 3])].map(line => cut(4, line))).broken).toEqual(['close-payload 2']);
  });

  test('one message whose id is hidden may have been about any connection before it, and none behind it', () => {
    const hidden = cut(2, c.serverClose());
    const found = judge([...opened, hidden, c.answer(), c.close(), c.close(), d.syn(), d.ack(), d.close(), d.close()]);
    expect(found.broken).toEqual(['close-duplicate 10']);
  });

  test('a key of which the certificate is hidden', () => {
    const found = judge([cut(300, c.syn()), c.refuse()], { dialect: { key: 'i2p-destination' } });
    expect(found.broken).toEqual([]);
    expect(tally(found, 'syn-key-format')).toEqual([0, 0, 1]);
  });

  test('a datagram of one byte that was not captured may be a ping', () => {
    const lines = [...opened, cut(0, ann('ff'))];
    expect(judge(lines, { dialect: { chaff: 'ignore' } }).broken).toEqual([]);
    expect(judge(lines).broken).toEqual(['truncated-header 3']);
  });
});

describe('what was and was not exercised', () => {
  test('of a plain conversation', () => {
    const found = judge([...opened, c.send(), c.answer(), c.close(), c.serverClose()]);
    const exercised = NAMES.filter(rule => (tally(found, rule)?.[0] ?? 0) > 0);
    const not = ['syn-key-format', 'data-after-refusal', 'left-open', 'unknown-session'];
    expect(exercised).toEqual(NAMES.filter(rule => !not.includes(rule)));
    expect(tally(found, 'truncated-header')).toEqual([6, 0, 0]);
    expect(tally(found, 'syn-unanswered')).toEqual([1, 0, 0]);
    expect(tally(found, 'left-open')).toBeUndefined();
  });

  test('a capture that dropped packets proves nothing about what is missing', () => {
    const found = judge([...opened, ann('a0 98 76 55 64'), c.close(), raw('bob', [0xc0, 0, 0, 1])], { dropped: 3 });
    expect(found.broken).toEqual(['unknown-type 5']);
  });
});
