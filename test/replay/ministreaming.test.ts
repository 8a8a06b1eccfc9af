/** Many streams between two ends, written down here, against a server that gives other ids and cuts in other places. */
import { expect, test } from 'vitest';
import { type ReplayOptions, replay } from '../../src/api.ts';
import { Traffic } from '../../src/testkit.ts';
import { datagramServer } from '../kit/proxy.ts';

const ANN = '10.0.0.1:7001';
const BOB = '10.0.0.2:7654';
const KEY = '00'.repeat(16);
const text = (words: string) => Buffer.from(words).toString('hex');
const QUICK: ReplayOptions = { speed: 'max', timeout: '4s', decodeAs: ['udp.port==7654,ministreaming'] };
/** For what does not come. */
const SHORT: ReplayOptions = { ...QUICK, timeout: '500ms' };

/** Two connections at a time: what is said in one stands between what is said in the other. */
function recording(): Uint8Array {
  const traffic = new Traffic();
  const ann = (message: string) => traffic.datagram(ANN, BOB, message);
  const bob = (message: string) => traffic.datagram(BOB, ANN, message);
  ann(`a1 000001 ${KEY}`);
  ann(`a1 000002 ${KEY}`);
  bob('51 000001 000a01');
  bob('51 000002 000a02');
  ann(`a0 000a01 ${text('one?')}`);
  bob(`50 000001 ${text('one is ')}`);
  ann(`a0 000a02 ${text('two?')}`);
  bob(`50 000002 ${text('two is two')}`);
  bob(`50 000001 ${text('one')}`);
  ann('a2 000a02');
  bob('52 000002');
  ann('a2 000a01');
  bob('52 000001');
  return traffic.pcap();
}

/** Gives ids in a row of its own; says what it has to in pieces of so many bytes, those of both connections in turns. */
async function server(longest: number, words = ['one is one', 'two is two']) {
  const heard: string[] = [];
  const clients = new Map<string, string>();
  let waiting: string[][] = [];
  const port = await datagramServer((socket, bytes, from) => {
    const message = bytes.toString('hex');
    heard.push(message);
    const [type, id] = [message.slice(0, 2), message.slice(2, 8)];
    const say = (answer: string) => socket.send(Buffer.from(answer, 'hex'), from.port, from.address);
    if (type === 'a1') {
      const own = `5e000${clients.size + 1}`;
      clients.set(own, id);
      say(`51${id}${own}`);
    }
    const client = clients.get(id);
    if (type === 'a2' && client) say(`52${client}`);
    if (type === 'a0' && client) {
      const pieces = (words[Number(client) - 1].match(new RegExp(`.{1,${longest}}`, 'g')) ?? []).map(
        piece => `50${client}${text(piece)}`,
      );
      // The first piece at once: the client waits for some of it before it asks for the other.
      waiting.push(pieces);
      if (waiting.length === 1) for (const piece of pieces.splice(0, Math.ceil(7 / longest))) say(piece);
      else {
        while (waiting.some(row => row.length > 0)) for (const row of waiting) say(row.shift() ?? `50${client}`);
        waiting = [];
      }
    }
  });
  return { heard, to: `udp:127.0.0.1:${port}` };
}

test.each([1, 4, 7, 100])('pieces of %i bytes, in streams that are told apart by their ids', async longest => {
  const { heard, to } = await server(longest);
  const { departures, report, counts } = await replay(recording(), { ...QUICK, to });
  expect(departures).toEqual([]);
  expect(report.summary.errors).toBe(0);
  expect(counts.said).toBe(6);
  expect(heard).toEqual([
    `a1000001${KEY}`,
    `a1000002${KEY}`,
    `a05e0001${text('one?')}`,
    `a05e0002${text('two?')}`,
    'a25e0002',
    'a25e0001',
  ]);
});

test('another word in one of them', async () => {
  const { to } = await server(4, ['one is won', 'two is two']);
  const { departures } = await replay(recording(), { ...QUICK, to });
  expect(departures.map(({ kind, connection }) => `${kind} ${connection}`)).toEqual(['differs 1']);
  expect(departures[0].text).toMatch(/^DATA \(server\): data from its byte 0 on is 77/);
});

test('more than was recorded, and less', async () => {
  const more = await server(100, ['one is one and one', 'two is two']);
  expect((await replay(recording(), { ...QUICK, to: more.to })).departures.map(({ text }) => text)).toEqual([
    'DATA (server) with 8 bytes more than were recorded was not recorded',
  ]);
  const less = await server(100, ['one is one', 'two']);
  const { departures } = await replay(recording(), { ...SHORT, to: less.to });
  expect(departures.map(({ kind, connection }) => `${kind} ${connection}`)).toEqual(['missing 2']);
});
