import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintOf, lasting } from '../../src/lint/fingerprint.ts';
import { finding } from '../report/sample.ts';

describe('the fingerprint of a finding', () => {
  const base = fingerprintOf(finding());

  test.each([
    ['another frame', { frame: 7, relatedFrames: [1] }],
    ['another time', { time: { seconds: 9, nanoseconds: 9 } }],
    ['other ports', { from: '10.0.0.1:9', to: '10.0.0.2:8', atFault: '10.0.0.1:9' }],
    ['another connection and capture', { connection: 99, capture: 3 }],
    ['other tags', { expected: 'tag 0xcafe01', actual: 'tag fe12ab' }],
    ['a tag of letters', { expected: 'tag decafe', actual: 'tag beef' }],
    ['other words of the case', { message: 'something else' }],
    ['other bytes', { bytes: null, excerpt: null }],
  ])('stays with %s', (_situation, changes) => {
    expect(fingerprintOf(finding(changes))).toBe(base);
  });

  test.each([
    ['another rule', { ruleId: 'mnet/length' }],
    ['another message', { messageName: 'INIT' }],
    ['another state', { state: 'CLOSED' }],
    ['another end at fault', { atFault: '127.0.0.1:26999' }],
    ['nobody at fault', { atFault: null }],
    ['something else expected', { expected: 'no tag' }],
  ])('is another with %s', (_situation, changes) => {
    expect(fingerprintOf(finding(changes))).not.toBe(base);
  });

  test('is 16 hexadecimal digits', () => {
    expect(base).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('what lasts of a text', () => {
  test.each([
    ['at least 4 bytes', 'at least # byte'],
    ['1 byte', '# byte'],
    ['frames 3, 7 and 12', 'frames #'],
    ['10.0.0.1:5000', '#'],
    ['[2001:db8::1]:7654', '#'],
    ['"message-id"', '"message-id"'],
    ['"5d1c-beef"', '#'],
    ['"anything a peer has said"', '#'],
    ['captured 0.3 s later', 'captured # s later'],
    ['DATA in state COOKIE-WAIT', 'DATA in state COOKIE-WAIT'],
  ])('%s: %s', (text, expected) => {
    expect(lasting(text)).toBe(expected);
  });

  test('property: no number is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(lasting(text)).not.toMatch(/[0-9]/);
      }),
    );
  });
});
