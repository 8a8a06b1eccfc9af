import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, test } from 'vitest';
import { Frame } from '../../src/capture/source.ts';
import { JsonPrinter, TextPrinter } from '../../src/cli/dissect-printer.ts';
import type { SeenMessage } from '../../src/protocol/protocol.ts';
import { concat, hex } from '../../src/testkit/bytes.ts';
import { comment, enhancedPacketBlock, interfaceBlock, pcap, sectionBlock } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';
import { defineLayout } from '../../src/wire/layout.ts';
import { Message } from '../../src/wire/message.ts';
import { requireTool, runTool } from '../kit/tools.ts';
import { CLEAN, conversation, Folder, INIT, LARGE, readFixture, violating } from './captures.ts';
import { runInside } from './host.ts';
import { start, wirelint } from './run.ts';

const folder = new Folder();
const error = folder.file('error.pcap', violating());
const schema = JSON.parse(readFileSync(new URL('../../schema/message.schema.json', import.meta.url), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

afterAll(() => folder.remove());

const lines = (text: string) => text.trimEnd().split('\n');

describe('text', () => {
  test('is a line for each message, its findings under it', async () => {
    const { stdout, stderr } = await runInside('dissect', error);
    expect(lines(stdout)[0]).toBe(
      '     1  0.000000  10.0.0.1:40000 -> 10.0.0.2:26999  mnet 1  INIT  version=1  tag=0xaabbcc',
    );
    expect(lines(stdout)[1]).toMatch(
      /^ {5}2 {2}1\.000000 {2}10\.0\.0\.2:26999 -> 10\.0\.0\.1:40000 {2}mnet 1 {2}COOKIE {2}/,
    );
    expect(stdout).toMatch(/^ {8}error mnet\/cookie-peer-tag: /m);
    expect(stderr).toBe('');
  });

  test('--fields and --hex show one message in full', async () => {
    const { stdout } = await runInside('dissect', error, '--frame', '1', '--fields', '--hex');
    expect(stdout).toBe(`\
     1  0.000000  10.0.0.1:40000 -> 10.0.0.2:26999  mnet 1  INIT
           0  Type           INIT (1)
           1  ProtocolMagic  MNET
           5  Version        1
           6  ConnectionTag  0xaabbcc
              state          COOKIE-WAIT
        0000  01 4d 4e 45 54 01 aa bb cc                       .MNET....
`);
  });

  test('--layers puts the layers below a message in front of its fields, with places in the frame', async () => {
    const { stdout } = await runInside('dissect', error, '--frame', '1', '--layers');
    const shown = lines(stdout).map(line => line.trim().replace(/ +/g, ' '));
    expect(shown).toContain('14 IPv4 10.0.0.1 -> 10.0.0.2, UDP, TTL 64');
    expect(shown).toContain('26 Source 10.0.0.1');
    expect(shown).toContain('36 Destination port 26999');
    expect(shown.indexOf('0 Type INIT (1)')).toBeGreaterThan(shown.indexOf('36 Destination port 26999'));
    expect((await runInside('dissect', error, '--count-by', 'type', '--layers')).stderr).toContain(
      'prints no messages',
    );
  });

  test.each(['filestorage/2020-01-04-upload.pcap', 'mqtt/mosquitto-311-pipelined.pcap'])(
    '--layers of %s has the flags and relative numbers that tshark has',
    async path => {
      if (!requireTool('tshark')) return;
      const file = `fixtures/${path}`;
      const columns = ['srcport', 'seq', 'ack', 'window_size_value', 'flags'].flatMap(name => ['-e', `tcp.${name}`]);
      const options = ['-nr', file, '-T', 'fields', '-E', 'occurrence=f', '-e', 'frame.number', ...columns];
      const rows = runTool('tshark', options).trimEnd().split('\n');
      const known = new Map(rows.map(row => [row.split('\t')[0], row.split('\t').slice(1).map(Number)]));
      const { stdout } = await runInside('dissect', file, '--layers');
      let compared = 0;
      for (const message of stdout.split(/^(?= *\d+ {2}\d+\.\d+ {2})/m)) {
        const frame = /^ *(\d+)/.exec(message)?.[1];
        const texts = [/Source port +(\d+)/, /Sequence number +(\d+) \(/, /Acknowledgement +(\d+) \(/, /Window +(\d+)/];
        const ours = [...texts, / Flags +[A-Z, ]+\((0x[0-9a-f]+)\)/].map(text => Number(text.exec(message)?.[1]));
        expect(ours, `frame ${frame}`).toEqual(known.get(frame ?? ''));
        compared++;
      }
      expect(compared).toBeGreaterThan(5);
    },
  );

  test('a message of unknown type shows its length and bytes', async () => {
    const path = folder.file('unknown.pcap', conversation(INIT, '2a 1b5b32 4a'));
    const { stdout } = await runInside('dissect', path, '--hex');
    expect(stdout).toMatch(/unknown type.* {2}5 bytes$/m);
    expect(stdout).toContain('0000  2a 1b 5b 32 4a                                   *.[2J');
    expect(stdout).not.toContain('\x1b');
  });

  test('a comment on the frame stands under its message, made safe', async () => {
    const packet = udpFrame('10.0.0.1:40000', '10.0.0.2:26999', hex(INIT));
    const options = [comment('resent by hand\x1b[2J')];
    const bytes = concat(sectionBlock(), interfaceBlock(), enhancedPacketBlock(packet, { options }));
    const path = folder.file('comment.pcapng', bytes);
    const { stdout } = await runInside('dissect', path);
    expect(lines(stdout)[1]).toBe('        comment: resent by hand\\x1b[2J');
    const json = JSON.parse((await runInside('dissect', path, '--format', 'ndjson')).stdout);
    expect(json.comment).toBe('resent by hand\x1b[2J');
    expect(validate(json)).toBe(true);
  });

  test('a message that the snap length cut says how much is there', async () => {
    const whole = udpFrame('10.0.0.1:40000', '10.0.0.2:26999', hex(INIT));
    const path = folder.file('snapped.pcap', pcap([{ bytes: whole.subarray(0, -5), wireLength: whole.length }]));
    const { stdout } = await runInside('dissect', path, '-d', 'udp.port==26999,mnet', '--fields', '--hex');
    expect(stdout).toContain('ProtocolMagic  4d4e45 (3 of 4 bytes: the capture holds no more)');
    expect(stdout).toContain('(4 of 9 bytes were captured)');
  });

  test('times may run backwards: within a second that is put in order', async () => {
    const frame = udpFrame('10.0.0.1:40000', '10.0.0.2:26999', hex(INIT));
    const path = folder.file(
      'back.pcap',
      pcap([
        { bytes: frame, seconds: 10, fraction: 250_000 },
        { bytes: frame, seconds: 9, fraction: 750_000 },
        { bytes: frame, seconds: 8, fraction: 250_000 },
      ]),
    );
    const { stdout } = await runInside('dissect', path);
    expect([...stdout.matchAll(/^ {5}\d {2}(\S+)/gm)].map(match => match[1])).toEqual([
      '0.000000',
      '0.500000',
      '-1.500000',
    ]);
  });

  test('findings that came up when their message was long printed are counted', async () => {
    const path = folder.file('waiting.pcap', conversation(INIT, ...Array.from({ length: 9 }, () => '~00')));
    const { stderr } = await runInside('dissect', path, '--capture', 'complete');
    expect(stderr).toBe('wirelint: 1 finding came up too late to be shown here; see wirelint check\n');
  });
});

describe('an answer', () => {
  const PIPELINED = 'fixtures/filestorage/2020-01-02-pipelined.pcap';

  test('names the frame of its request, in the line, and in full with the time between them', async () => {
    const { stdout } = await runInside('dissect', PIPELINED);
    expect(stdout).toMatch(/^ {4}23 .* RESPONSE \(answers 14\) {2}/m);
    expect(stdout).not.toMatch(/^ {4}14 .*answers/m);
    const { stdout: full } = await runInside('dissect', PIPELINED, '--frame', '23', '-V');
    expect(full).toMatch(/^ {14}answers +frame 14, after 0\.\d{6} s$/m);
  });

  test('names it in JSON, which fits the schema', async () => {
    const { stdout } = await runInside('dissect', PIPELINED, '--format', 'json');
    const objects = JSON.parse(stdout);
    for (const object of objects) expect(validate(object)).toBe(true);
    type Place = { readonly ordinal: number; readonly frame: number };
    const answering = objects.filter(({ answers }: { answers?: Place }) => answers);
    expect(
      answering.map(({ frame, ordinal, answers }: Place & { answers: Place }) => [frame, ordinal, answers]),
    ).toEqual([
      [6, 2, { frame: 4, ordinal: 1 }],
      [17, 7, { frame: 8, ordinal: 3 }],
      [19, 8, { frame: 10, ordinal: 4 }],
      [21, 9, { frame: 12, ordinal: 5 }],
      [23, 10, { frame: 14, ordinal: 6 }],
    ]);
  });

  test('is found by the frame of its request, and by the time that it took', async () => {
    const { stdout } = await runInside('dissect', PIPELINED, '-Y', 'answers == 14 && delay < 1s');
    expect(lines(stdout).map(line => line.slice(0, 6))).toEqual(['    23']);
  });
});

describe('json and ndjson', () => {
  test.each([CLEAN, LARGE, 'fixtures/mnet/lossy.pcap'])(
    '%s: every message fits the schema, and both forms say the same',
    async path => {
      const array = JSON.parse((await runInside('dissect', path, '--format', 'json', '--hex')).stdout);
      const objects = lines((await runInside('dissect', path, '--format', 'ndjson', '--hex')).stdout).map(line =>
        JSON.parse(line),
      );
      expect(array).toEqual(objects);
      for (const object of objects) {
        validate(object);
        expect(validate.errors).toBeNull();
      }
    },
  );

  test('fields are found by their names', async () => {
    const { stdout } = await runInside('dissect', error, '--format', 'ndjson', '--frame', '1');
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      frame: 1,
      time: '1970-01-01T00:16:40.000000Z',
      name: 'INIT',
      clientToServer: true,
      length: 9,
      captured: 9,
      fields: { tag: { offset: 6, length: 3, value: 'aabbcc', display: '0xaabbcc', cut: false } },
      findings: [],
    });
  });

  test('findings stand with their message', async () => {
    const { stdout } = await runInside('dissect', error, '--format', 'json', '--frame', '2');
    expect(JSON.parse(stdout)[0].findings.map((finding: { ruleId: string }) => finding.ruleId)).toContain(
      'mnet/cookie-peer-tag',
    );
  });

  test('no message is an empty array', async () => {
    expect(await runInside('dissect', CLEAN, '--format', 'json', '--connection', '9')).toEqual({
      code: 4,
      stdout: '[]\n',
      stderr: 'wirelint: no message is in that frame or connection\n',
    });
  });
});

test('--connection picks one of several', async () => {
  const count = async (...args: string[]) => {
    const { stdout } = await runInside('dissect', 'fixtures/mnet/lossy.pcap', '--format', 'ndjson', ...args);
    return lines(stdout).length;
  };
  const parts = [await count('--connection', '1'), await count('--connection', '2'), await count('--connection', '3')];
  expect(parts.reduce((sum, part) => sum + part)).toBe(await count());
});

describe('-Y', () => {
  test('prints the messages that match, and what is printed is the same', async () => {
    const all = lines((await runInside('dissect', error)).stdout);
    expect(lines((await runInside('dissect', error, '-Y', 'type == COOKIE')).stdout)).toEqual(all.slice(1));
    expect(lines((await runInside('dissect', error, '--filter', 'finding')).stdout)).toEqual(all.slice(1));
    expect(lines((await runInside('dissect', error, '-Y', 'not finding')).stdout)).toEqual(all.slice(0, 1));
  });

  test('times count from the first frame of the capture', async () => {
    const { stdout } = await runInside('dissect', error, '-Y', 'time == 1s', '--format', 'ndjson');
    expect(lines(stdout).map(line => JSON.parse(line).frame)).toEqual([2]);
  });

  test('goes with --frame and --connection', async () => {
    const frames = async (...args: string[]) => {
      const { stdout } = await runInside('dissect', error, '--format', 'json', ...args);
      return JSON.parse(stdout).map(({ frame }: { frame: number }) => frame);
    };
    expect(await frames('--frame', '2', '-Y', 'finding')).toEqual([2]);
    expect(await frames('--frame', '1', '-Y', 'finding')).toEqual([]);
    expect(await frames('--connection', '1', '-Y', 'frame == 1')).toEqual([1]);
  });

  test('that no message matches ends in 4', async () => {
    expect(await runInside('dissect', error, '-Y', 'type == DATA')).toEqual({
      code: 4,
      stdout: '',
      stderr: 'wirelint: no message matches the filter\n',
    });
    expect((await runInside('dissect', error, '-Y', 'type == DATA', '--allow-empty')).code).toBe(0);
  });

  test.each([
    ['mnet && mnet.sequnce > 1', 'column 9: unknown field mnet.sequnce; did you mean mnet.sequence?'],
    ['type == "\x1b[2J', 'column 9: a string that does not end; close it with "'],
    ['\x1b[2J', 'column 1: the character \\x1b means nothing here; put text to search for in quotes'],
    ['', 'column 1: expected a field, and the filter ends here'],
  ])('%j is reported in a line, before anything is read', async (filter, reason) => {
    const missing = folder.file('missing.pcap');
    expect(await runInside('dissect', missing, '-Y', filter)).toEqual({
      code: 2,
      stdout: '',
      stderr: `wirelint: -Y: ${reason}\n`,
    });
  });
});

test('a capture that trickles in gives what the file gives', async () => {
  const child = start(['dissect', '-', '--format', 'ndjson']);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  const capture = readFixture(CLEAN);
  for (let at = 0; at < capture.length; at += 100) {
    await new Promise(resolve => child.stdin.write(capture.subarray(at, at + 100), resolve));
    await new Promise(setImmediate);
  }
  child.stdin.end();
  await new Promise(resolve => child.on('close', resolve));
  expect(stdout).toBe((await wirelint(['dissect', CLEAN, '--format', 'ndjson'])).stdout);
});

describe('JSON in a message', () => {
  const LETTER = defineLayout({
    name: 'LETTER',
    code: 1,
    meaning: 'carries JSON',
    clause: '1',
    fields: [
      { name: 'type', title: 'Type', offset: 0, size: 1, kind: 'uint', meaning: 'm', clause: '1', brief: false },
      { name: 'payload', title: 'Payload', offset: 1, size: 'rest', kind: 'json', meaning: 'm', clause: '1' },
    ],
  });

  /** @param missing bytes at its end that were not captured */
  function letter(json: string, missing = 0): SeenMessage {
    const bytes = Buffer.from(`\x01${json}`);
    const message = new Message();
    message.assign(bytes, 0, bytes.length, bytes.length - missing);
    message.ordinal = 1;
    message.frame = 1;
    const ends = { from: '10.0.0.1:40000', to: '10.0.0.2:9000', clientToServer: true };
    const seen = { message, layout: LETTER, name: 'LETTER', protocol: 'post', connection: 1, capture: 0, ...ends };
    return { ...seen, state: 'READY', findings: [] };
  }

  function text(seen: SeenMessage, fields: boolean, width = 80): string[] {
    const printer = new TextPrinter({ fields, hex: false, color: false, width });
    printer.begin(new Frame());
    printer.message(seen);
    return lines(printer.take());
  }

  const brief = (json: string, missing = 0) => text(letter(json, missing), false)[0].replace(/^.* LETTER/, '');

  function object(json: string) {
    const printer = new JsonPrinter('ndjson', false);
    printer.message(letter(json));
    const object = JSON.parse(printer.take());
    validate(object);
    expect(validate.errors).toBeNull();
    return object.fields.payload;
  }

  test('the line shows the outermost scalars', () => {
    expect(brief('{"mid":"a-b","n":1,"file":{"name":"x"},"tags":["y"],"response":"Ok"}')).toBe(
      '  mid="a-b"  n=1  response="Ok"',
    );
  });

  test('long strings and names, and many members, are cut short in it', () => {
    expect(brief(`{"data":"${'A'.repeat(60)}"}`)).toBe(`  data="${'A'.repeat(37)}..."`);
    expect(brief(`{"${'a'.repeat(60)}":1}`)).toBe(`  ${'a'.repeat(21)}...=1`);
    expect(brief(`{${Array.from({ length: 17 }, (_, i) => `"m${i}":${i}`).join(',')}}`)).toMatch(/ m15=15 {2}\.\.\.$/);
  });

  test('what is no object, or no JSON, says so in it', () => {
    expect(brief('[1,2]')).toBe('  payload=[2 items]');
    expect(brief('{"a":}')).toBe('  payload=(not JSON: expected a value, at byte 6) {"a":}');
  });

  test('of what the capture cut short it shows the length', () => {
    expect(brief('{"a":1}', 2)).toBe('  payload=7 bytes');
  });

  test('nothing in it can act on a terminal', () => {
    expect(brief('{"a\\u001b[2J":"\\u001b[2J\\u202e"}')).toBe('  a\\x1b[2J="\\x1b[2J\\u{202e}"');
  });

  test('--fields is a tree', () => {
    expect(text(letter('{"mid":"a","files":[{"name":"x","size":18446744073709551615}]}'), true).slice(1)).toEqual([
      '           0  Type        1',
      '           1  Payload     {2 members}',
      '           2    mid       "a"',
      '          12    files     [1 item]',
      '          21      0       {2 members}',
      '          22        name  "x"',
      '          33        size  18446744073709551615',
      '              state       READY',
    ]);
  });

  test('names that are long and deep leave room for values in a narrow page', () => {
    const deep = `${'{"a":'.repeat(60)}{"${'b'.repeat(300)}":"c"}${'}'.repeat(60)}`;
    const shown = text(letter(deep), true, 40).slice(1);
    expect(shown).toHaveLength(64);
    expect(shown.filter(line => line.length > 40)).toEqual([]);
  });

  test('JSON nests them under members, in order, and keeps two of one name', () => {
    expect(object('{"a":1,"b":{"a":[true,null]},"a":"x"}')).toMatchObject({
      value: null,
      kind: 'object',
      members: [
        { name: 'a', offset: 2, length: 5, value: 1, kind: 'number' },
        {
          name: 'b',
          kind: 'object',
          members: [
            {
              name: 'a',
              kind: 'array',
              members: [
                { name: '0', value: true, kind: 'boolean' },
                { name: '1', value: null, kind: 'null' },
              ],
            },
          ],
        },
        { name: 'a', offset: 30, length: 7, value: 'x', kind: 'string' },
      ],
    });
  });

  test('JSON keeps numbers exact', () => {
    const { members } = object('[9007199254740991,18446744073709551615,0.5,1.50]');
    expect(members.map(({ value }: { value: unknown }) => value)).toEqual([
      9007199254740991,
      '18446744073709551615',
      0.5,
      '1.50',
    ]);
  });

  test('JSON has the text of what is no JSON, and no kind', () => {
    const field = object('{"a":}');
    expect(field).toMatchObject({ value: '{"a":}', cut: false });
    expect(field).not.toHaveProperty('kind');
    expect(field).not.toHaveProperty('members');
  });

  test('JSON says how much of too much is not there', () => {
    expect(object(`[${'0,'.repeat(10_000)}0]`).members.at(-1)).toMatchObject({ name: '...', display: '(1 more)' });
  });
});
