import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { writeStream } from '../../src/cli/stream-writing.ts';
import type { StreamForm } from '../../src/history/stream-forms.ts';
import type { StreamSides } from '../../src/history/stream-rows.ts';
import { follow } from '../kit/following.ts';
import { TcpTalk } from '../kit/tcp.ts';
import { Folder } from './captures.ts';

const folder = new Folder();
afterAll(() => folder.remove());

/** What is in the file, and what is said of it. */
async function written(
  talk: TcpTalk,
  form: StreamForm | 'raw',
  sides: StreamSides = 'both',
): Promise<[Buffer, string]> {
  const path = folder.file(`${form}-${sides}`);
  const stream = await follow(talk.pcap());
  const file = await open(path, 'w');
  const words = await writeStream({ kind: 'stream', stream, sides }, form, file).finally(() => file.close());
  return [readFileSync(path), words];
}

const text = async (...args: Parameters<typeof written>) => String((await written(...args))[0]);
const TALK = new TcpTalk().open().client('GET\r\n').client('\0more').server('200 \xe9\n').close();

describe('a stream in a file', () => {
  test('as raw bytes is what was sent, by both or by one', async () => {
    expect(await written(TALK, 'raw')).toEqual([Buffer.from('GET\r\n\0more200 \xe9\n', 'latin1'), '16 bytes']);
    expect(await written(TALK, 'raw', 'server')).toEqual([Buffer.from('200 \xe9\n', 'latin1'), '6 bytes']);
  });

  test('as text has its lines whole, behind the mark of its side where there are two', async () => {
    const long = 'long '.repeat(30_000);
    expect(await written(TALK, 'text')).toEqual([Buffer.from('> GET\n> \\x00more\n< 200 \\xe9\n'), '3 lines']);
    expect(await text(TALK, 'text', 'client')).toBe('GET\n\\x00more\n');
    expect(await text(new TcpTalk().open().client(long).server('ok'), 'text')).toBe(`> ${long}\n< ok\n`);
  });

  test('as a hex dump sets the rows of the server in by a tab, as tshark does', async () => {
    expect(await text(TALK, 'hex')).toBe(
      [
        '00000000  47 45 54 0d 0a                                    GET..',
        '00000005  00 6d 6f 72 65                                    .more',
        '\t00000000  32 30 30 20 e9 0a                                 200 ..',
        '',
      ].join('\n'),
    );
  });

  test('as C arrays is a source file, with what is missing in a comment', async () => {
    const talk = new TcpTalk().open().client('a').client('lost').client('b').server('').close();
    const cut = talk.with(talk.segments.filter((_, index) => index !== 4));
    expect(await text(cut, 'array')).toBe(
      [
        'char peer0_0[] = { /* Packet 4 */',
        '0x61 };',
        '/* [4 bytes missing] */',
        'char peer0_1[] = { /* Packet 6 */',
        '0x62 };',
        '',
      ].join('\n'),
    );
  });

  test('of which nothing was said is empty', async () => {
    expect(await written(new TcpTalk().open().client('x'), 'text', 'server')).toEqual([Buffer.alloc(0), '0 lines']);
  });
});
