/** The data of a chunk is read sixteen characters at a time: wherever its lines break, and whatever comes where, it is what it is. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkText } from '../../../dissectors/filestorage/chunk-text.ts';
import { DATA, NOTHING, patternScan } from '../../../dissectors/filestorage/pattern-scan.ts';

const BEFORE = '{"data":"';
const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What the string says that begins behind `BEFORE`, by other means: its bytes, where it ends, and its text. */
function expected(rest: string): { bytes: number; end: number; text: string } | undefined {
  const [, written] = /^((?:[A-Za-z0-9+/]|\\[nr]|=)*)"/.exec(rest) ?? [];
  if (written === undefined) return undefined;
  const text = written.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
  const characters = text.replaceAll(/[\r\n]/g, '');
  if (!/^[^=]*={0,2}$/.test(characters) || characters.length % 4 !== 0) return undefined;
  const bytes = Math.floor((characters.replaceAll('=', '').length * 3) / 4);
  return { bytes, end: BEFORE.length + written.length, text };
}

const chunk = new ChunkText();
const PLACE = 5;
const scan = patternScan()!;
const NO_BYTES = new Uint8Array(0);
const data = scan.pattern([
  { kind: DATA, place: PLACE, before: NO_BYTES },
  { kind: NOTHING, place: 0, before: NO_BYTES },
])!;

/** Bytes of a capture before and behind a message that lies in one segment. */
const CAPTURE = new Uint8Array(100_000).fill(0x41);

/** Reads what stands behind `BEFORE`: alone in a buffer, with other bytes behind the message, and among those of a capture. */
function read(rest: string) {
  const message = BEFORE + rest;
  const [alone, among] = [0, 50_000].map(start => {
    const bytes = start === 0 ? octets(`${message}AAAA"AAAA`) : CAPTURE.slice();
    bytes.set(octets(message), start);
    expect(scan.load(bytes, start + BEFORE.length, start + message.length)).toBe(true);
    const length = scan.run(data);
    const size = length < 0 ? -1 : chunk.take(scan, PLACE);
    return size < 0 ? undefined : { bytes: size, end: BEFORE.length + length };
  });
  expect(among).toEqual(alone);
  return alone;
}

/** As words. */
function bitsOf(digest: string): Uint32Array {
  return Uint32Array.from(digest.match(/.{8}/g)!, digits => Number.parseInt(digits, 16));
}

function reads(rest: string): void {
  const wanted = expected(rest);
  expect(read(rest)).toEqual(wanted && { bytes: wanted.bytes, end: wanted.end });
  if (!wanted) return;
  const digest = digestOf(wanted.text);
  expect(chunk.hasDigest(bitsOf(digest))).toBe(true);
  expect(chunk.hasDigest(bitsOf(digestOf(`${wanted.text}A`)))).toBe(false);
  for (let word = 0; word < 8; word++) {
    const other = bitsOf(digest);
    other[word] ^= 1 << (word * 4);
    expect(chunk.hasDigest(other)).toBe(false);
  }
}

describe('the data of a chunk', () => {
  test.each([0, 1, 2, 3, 4, 5, 15, 16, 17, 31, 32, 33, 47, 48, 49, 749, 750, 751, 1000])('of %d bytes', size => {
    const text = Buffer.alloc(size, size).toString('base64');
    reads(`${text}"}`);
    for (const length of [1, 15, 16, 17, 60, 64, 76]) {
      for (const lineBreak of ['\\n', '\\r\\n']) {
        reads(`${text.replaceAll(new RegExp(`.{${length}}`, 'g'), `$&${lineBreak}`)}"}`);
      }
    }
  });

  test('with any byte at any place is data only where that byte may stand', () => {
    const text = 'ABCDefgh0123+/zZ'.repeat(3);
    for (let place = 0; place < text.length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        reads(`${text.slice(0, place)}${String.fromCharCode(byte)}${text.slice(place + 1)}"}`);
      }
    }
  });

  test('ends where its message does, not where bytes behind it would', () => {
    for (const rest of ['', 'AAAA', 'AAAA\\', 'AAAA\\n', 'A'.repeat(16), 'A'.repeat(1000)]) {
      expect(read(rest)).toBeUndefined();
    }
  });

  test('is not read from more bytes than there is room for', () => {
    const longest = 'A'.repeat(12_284);
    expect(read(`${longest}"}}}`)).toEqual({ bytes: 9_213, end: BEFORE.length + longest.length });
    expect(scan.load(octets(`${longest}"}}}}`), 0, longest.length + 5)).toBe(false);
  });

  test('is read alike whatever it holds', () => {
    const parts = fc.constantFrom(
      'A',
      'z',
      '0',
      '+',
      '/',
      '=',
      '\\n',
      '\\r',
      '\\t',
      '\\',
      '-',
      ' ',
      'AbC+/9zZ',
      'A'.repeat(60),
    );
    fc.assert(fc.property(fc.array(parts, { maxLength: 30 }), all => reads(`${all.join('')}"}`)));
  });
});
