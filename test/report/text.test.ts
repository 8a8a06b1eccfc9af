import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textReport } from '../../src/report/text.ts';
import { capture, finding, report } from './sample.ts';

const plain = { color: false, width: 80 };

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)!;
}

test('a run with findings reads like this', () => {
  expect(textReport(report(), plain)).toBe(`\
mnet connection 3: 127.0.0.1:50185 -> 127.0.0.1:26999
  42 messages, ESTABLISHED, violations
  info     mnet/ambiguous-reading  frame 4  2023-11-14T22:13:21.500000Z  #1
    tags are read as the sender's: COOKIE-ACK carries the tag of COOKIE

  error    mnet/tag-mismatch  frame 1014  2023-11-14T22:13:21.500000Z  #2
    the tag of DATA is 112233, though its sender chose 445566 in the INIT of
    this connection
    expected  tag 445566
    actual    tag 112233
    at fault  127.0.0.1:50185
    message   DATA, 127.0.0.1:50185 -> 127.0.0.1:26999, sent in ESTABLISHED
    clause    MNET: DATA, Connection Tag
    see also  frames 3, 7
    0000  00 11 22 33 00 00 00 28 00 00 00 00 00 04 41 42  .."3...(......AB
             ^^ ^^ ^^
    0010  1b 5b                                            .[

  warning  mnet/shutdown-incomplete  frame 1020  2023-11-14T22:13:21.500000Z  #3
    SHUTDOWN had no answer for 5 s
    expected  tag 445566
    actual    tag 112233
    at fault  127.0.0.1:26999
    message   SHUTDOWN, 127.0.0.1:50185 -> 127.0.0.1:26999, sent in ESTABLISHED
    clause    MNET: DATA, Connection Tag

mnet connection 9: [2001:db8::1]:50186 -> [2001:db8::2]:26999
  1 message, COOKIE-WAIT, inconclusive
    because frame 12 acknowledges bytes that were not captured; capture with a
      larger buffer (tcpdump -B), or say --capture complete where nothing is
      missing

mnet: 14 connections, 12,345 messages
  rules     1 kept, 1 broken, 1 inconclusive, 1 not exercised, 1 noted
            mnet/tag-mismatch broken 1 of 1,200 times
  coverage  12 of 30 legal transitions exercised; never seen: ABORT
  dialect   byteOrder=little, tags=sender|receiver

1 error, 1 warning, 1 info in 1 of 14 connections (1 inconclusive); 12,345 messages, 13,000 packets: violations
`);
});

test('quiet leaves the errors and the summary', () => {
  const text = textReport(report({ notes: ['a bound was hit'] }), { ...plain, quiet: true });
  expect(text).toContain('mnet/tag-mismatch');
  expect(text).not.toContain('mnet/ambiguous-reading');
  expect(text).not.toContain('mnet/shutdown-incomplete');
  expect(text).not.toContain('connection 9');
  expect(text).not.toContain('coverage');
  expect(text).not.toContain('a bound was hit');
  expect(text).toContain('1 error, 1 warning');
});

test('a clean run is two paragraphs', () => {
  const summary = {
    ...report().summary,
    errors: 0,
    warnings: 0,
    infos: 0,
    accepted: 0,
    inconclusive: 0,
    verdict: 'conformant',
  } as const;
  const text = textReport(report({ findings: [], connections: [], protocols: [], summary }), { ...plain, width: 100 });
  expect(text).toBe('no findings in 14 connections; 12,345 messages, 13,000 packets: conformant\n');
});

test('the capture is named when there are several', () => {
  const captures = [capture(), capture({ path: 'second.pcapng' })];
  const text = textReport(report({ captures }), plain);
  expect(text).toContain('  lossy.pcap, 42 messages, ESTABLISHED, violations\n');
});

test('a cut capture, a dropping capture and notes are named before the summary', () => {
  const captures = [
    capture({ complete: false, problem: { offset: 1234, message: 'packet 9 is cut: 54 of 98 bytes are in the file' } }),
    capture({ path: '-', dropped: 3 }),
  ];
  const text = textReport(report({ captures, notes: ['2 flows were given up'] }), { ...plain, width: 120 });
  expect(text).toContain(
    'problem: lossy.pcap: packet 9 is cut: 54 of 98 bytes are in the file (byte 1,234); what came before was read\n',
  );
  expect(text).toContain('problem: standard input: 3 packets dropped while capturing\n');
  expect(text).toContain('note: 2 flows were given up\n');
  expect(lastLine(text)).toMatch(/^1 error, /);
});

test('what the bounds leave out is said', () => {
  const text = textReport(report({ omitted: { findings: 1234, connections: 1 } }), plain);
  expect(text).toContain('omitted: 1,234 more findings not listed (--max-findings)\n');
  expect(text).toContain('omitted: 1 more connection not listed\n');
});

test('a finding whose connection is beyond the listing still has its ends', () => {
  const text = textReport(report({ connections: [] }), plain);
  expect(text).toContain('mnet connection 3: 127.0.0.1:50185 and 127.0.0.1:26999\n');
});

test('colour changes nothing but colour', () => {
  const colored = textReport(report(), { color: true, width: 80 });
  expect(colored).toContain('\x1b[31m');
  expect(stripVTControlCharacters(colored)).toBe(textReport(report(), plain));
});

describe('hostile text', () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 60 });

  test('property: nothing from the wire or a file name reaches the terminal raw, and no line is a log command', () => {
    fc.assert(
      fc.property(anyText, fc.uint8Array({ maxLength: 128 }), (text, bytes) => {
        const hostile = finding({
          message: text,
          expected: text,
          actual: `::error::${text}`,
          messageName: text,
          state: text,
          restsOn: 'bytes',
          spec: { document: text, clause: text, says: text },
          excerpt: { offset: 0, bytes, messageLength: bytes.length, position: 0 },
        });
        const captures = [capture({ path: text, problem: { offset: 0, message: text } }), capture()];
        const printed = textReport(report({ captures, findings: [hostile], notes: [`::x::${text}`] }), plain);
        expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(printed).not.toMatch(/^\s*::/m);
        expect(printed).not.toContain('##[');
      }),
    );
  });
});
