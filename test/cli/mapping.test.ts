/** A port that was mapped to the wrong protocol gives nothing but faults: a note says so, and what would be there instead. */
import { expect, test } from 'vitest';
import { runInside } from './host.ts';

const MNET = 'fixtures/mnet/lossy.pcap';
const UPLOAD = 'fixtures/filestorage/2020-01-04-upload-tcpd.pcap';

test.each<[string, readonly string[], string | undefined]>([
  ['datagrams of another protocol', ['-d', 'udp.port==27001,ministreaming', MNET], '3 of 3 flows there would be mnet'],
  [
    'a stream of another protocol',
    [
      '-d',
      'tcp.port==9000,ministreaming',
      '--dialect',
      'ministreaming.framing=length16',
      'fixtures/filestorage/2020-01-04-upload.pcap',
    ],
    '1 of 1 flow there would be filestorage',
  ],
  ['a stream of no protocol', ['-d', 'tcp.port==6379,filestorage', 'fixtures/captures/resp_1_benchmark.pcap'], ''],
  ['datagrams of what they are', ['-d', 'udp.port==27001,mnet', MNET], undefined],
  ['a stream of what it is', ['-d', 'tcp.port==9000,filestorage', UPLOAD], undefined],
  ['a stream of what carries it', ['-d', 'tcp.port==9000,libipc', UPLOAD], undefined],
  [
    'the middle of a conversation, which opens nothing',
    ['-d', 'udp.port==26999,mnet', 'fixtures/field/mnet-lost-2.pcap'],
    undefined,
  ],
  ['a port that nothing came by', ['-d', 'udp.port==1,ministreaming', MNET], undefined],
])('%s', async (_, args, instead) => {
  const { stdout } = await runInside('check', ...args, '--format', 'json');
  const notes: string[] = JSON.parse(stdout).notes.filter((note: string) => note.includes('looks like'));
  expect(notes).toEqual(
    instead === undefined ? [] : [expect.stringMatching(/^nothing on (?:udp|tcp) \d+ looks like \w+/)],
  );
  if (instead) expect(notes[0]).toContain(instead);
});
