/** The data of a chunk is read sixteen characters at a time: wherever its lines break, and whatever comes where, it is what it is. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ChunkText } from '../../../dissectors/filestorage/chunk-text.ts';

const BEFORE = '{"data":"';
/** Bytes that are read, the quote included. */
const LONGEST = 4096;
const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What the string says that begins behind `BEFORE`, by other means: its bytes, where it ends, and its text. */
function expected(rest: string): { bytes: number; end: number; text: string } | undefined {
  const [, written] = /^((?:[A-Za-z0-9+/]|\\[nr]|=)*)"/.exec(rest) ?? [];
  if (written === undefined || written.length >= LONGEST) return undefined;
  const text = written.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
  const characters = text.replaceAll(/[\r\n]/g, '');
  if (!/^[^=]*={0,2}$/.test(characters) || characters.length % 4 !== 0) return undefined;
  const bytes = Math.floor((characters.replaceAll('=', '').length * 3) / 4);
  return { bytes, end: BEFORE.length + written.length + 1, text };
}

const reader = new ChunkText();

/** Bytes of a capture before and behind a message that lies in one segment. */
const CAPTURE = new Uint8Array(100_000).fill(0x41);

/** Reads what stands behind `BEFORE`: alone in a buffer, with other bytes behind the message, and among those of a capture. */
function read(rest: string, chunk = reader) {
  const message = BEFORE + rest;
  const [alone, among] = [0, 50_000].map(start => {
    const bytes = start === 0 ? octets(`${message}AAAA"AAAA`) : CAPTURE.slice();
    bytes.set(octets(message), start);
    const size = chunk.read(bytes, start + BEFORE.length, start + message.length);
    return size < 0 ? undefined : { bytes: size, end: chunk.end - start };
  });
  expect(among).toEqual(alone);
  return alone;
}

function reads(rest: string): void {
  const wanted = expected(rest);
  expect(read(rest)).toEqual(wanted && { bytes: wanted.bytes, end: wanted.end });
  if (!wanted) return;
  const digest = digestOf(wanted.text);
  expect(reader.hasDigest(octets(`.${digest}`), 1)).toBe(true);
  expect(reader.hasDigest(octets(`.${digest.toUpperCase()}`), 1)).toBe(true);
  expect(reader.hasDigest(octets(`.${digestOf(`${wanted.text}A`)}`), 1)).toBe(false);
  expect(reader.hasDigest(octets(`.${digest.slice(0, -1)}g`), 1)).toBe(false);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

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

  test('is not read from more bytes than a chunk may take', () => {
    expect(read(`${'A'.repeat(LONGEST - 4)}"`)).toEqual({ bytes: 3069, end: BEFORE.length + LONGEST - 3 });
    expect(read(`${'A'.repeat(LONGEST)}"`)).toBeUndefined();
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

test('without WebAssembly no data is read here', () => {
  vi.stubGlobal('WebAssembly', undefined);
  expect(read('AAAA"}', new ChunkText())).toBeUndefined();
});

test('where WebAssembly has no memory for it, or cannot look at sixteen bytes at once, no data is read here', () => {
  vi.stubGlobal('WebAssembly', {
    Module: class {
      constructor() {
        throw new RangeError('no memory');
      }
    },
  });
  const chunk = new ChunkText();
  expect(read('AAAA"}', chunk)).toBeUndefined();
  vi.unstubAllGlobals();
  expect(read('AAAA"}', chunk)).toBeUndefined();
});
