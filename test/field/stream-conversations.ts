/** libipc by itself, and the protocols of examples/: what their tests have written down, and requests and answers of dice. */

import * as kv from '../../examples/kv/test/conversations.ts';
import * as modbus from '../../examples/modbus/test/conversations.ts';
import * as resp from '../../examples/resp/test/conversations.ts';
import { openCapture } from '../../src/capture/open.ts';
import { uint16 } from '../../src/testkit/bytes.ts';
import { Traffic } from '../../src/testkit/traffic.ts';
import { CLIENT, closing, framesOf, type Line, libipc, SERVER, talkOf } from '../kit/filestorage.ts';
import { capturedFrom } from './captured.ts';
import { type Conversation, KNOWN, LEAST_STEP, MAPPED, type ProtocolName, spread, written } from './conversation.ts';
import { Dice } from './dice.ts';

const PONG = new URL('../../fixtures/filestorage/libipc-pong.pcap', import.meta.url).pathname;
/** Longest segments, in bytes, of which a message may need several or hold several. */
const CUTS = [undefined, 7];
const FAULTY_TALKS = 10;

/**
 * Every second one on a mapped port.
 *
 * @param talks how many the dice drive of each protocol
 */
export async function conformingStreams(talks: number): Promise<Conversation[]> {
  const pong = spread(capturedFrom(await framesOf(await openCapture(PONG))), LEAST_STEP);
  const recorded = { protocol: 'libipc', name: 'fixture', packets: pong, settings: settingsOf('libipc') } as const;
  const sound = CUTS.flatMap(cut => [
    of('kv', `script, cut ${cut}`, kv.sound(cut)),
    of('resp', `script, cut ${cut}`, resp.conversation(resp.SOUND, cut === undefined ? {} : { cut })),
    of('modbus', `script, cut ${cut}`, modbus.conversation(modbus.SOUND, cut)),
  ]);
  const driven = Array.from({ length: talks }, (_, n) => {
    const dice = new Dice(`stream ${n}`);
    const name = `talk ${n}`;
    return [
      libipcTalk(name, dice),
      of('kv', name, kvTalk(dice)),
      of('resp', name, respTalk(dice)),
      of('modbus', name, modbusTalk(dice)),
    ];
  }).flat();
  const all: Conversation[] = [recorded, ...sound, ...driven];
  return all.map((one, index) => {
    const { name, settings, protocol } = one;
    if (index % 2 === 0) return one;
    return { ...one, name: `${name}, mapped`, settings: { ...settings, mapped: MAPPED[protocol] } };
  });
}

export function faultyStreams(): Conversation[] {
  const said = (side: 0 | 1, type: number): Line => ({ side, bytes: libipc(type, 42, Buffer.from('x')) });
  const talk = [said(CLIENT, 2), said(SERVER, 2), said(CLIENT, 2)];
  const libipcFaults = {
    'unknown-type': [...talk, said(CLIENT, 4), said(SERVER, 2), ...closing],
    'message-too-long': [...talk, { side: CLIENT, bytes: libipc(2, 42, Buffer.from('x'), 7_999_995) }],
    truncated: [...talk, { side: SERVER, bytes: libipc(2, 42, Buffer.from('x')).subarray(0, 8) }, ...closing],
  } as const;
  return [
    ...Object.entries(libipcFaults).map(([name, lines]) => ofLines(name, lines)),
    of('kv', 'faulty', kv.faulty()),
    of('resp', 'faulty', resp.faulty()),
    of('resp', 'a reply too many', resp.conversation(resp.PLANTED)),
    of('modbus', 'faulty', modbus.faulty()),
    ...Array.from({ length: FAULTY_TALKS }, (_, n) => {
      const dice = new Dice(`faulty stream ${n}`);
      const name = `faulty talk ${n}`;
      return [
        of('kv', name, kvTalk(dice, true)),
        of('resp', name, respTalk(dice, true)),
        of('modbus', name, modbusTalk(dice, true)),
      ];
    }).flat(),
  ];
}

const settingsOf = (protocol: ProtocolName) => ({ protocols: KNOWN[protocol], mapped: [] });

function of(protocol: ProtocolName, name: string, traffic: Traffic): Conversation {
  return { protocol, name, packets: written([...traffic.frames()]), settings: settingsOf(protocol) };
}

function ofLines(name: string, lines: readonly Line[]): Conversation {
  const timely = lines.map(line => ({ after: 0, ...line }));
  return { protocol: 'libipc', name, packets: written(talkOf(timely).frames()), settings: settingsOf('libipc') };
}

function libipcTalk(name: string, dice: Dice): Conversation {
  const sides = [CLIENT, SERVER, ...dice.numbers(4 + dice.roll(20), 2)] as (0 | 1)[];
  const lines = sides.map(
    (side): Line => ({ side, bytes: libipc(2, 42, Buffer.alloc(dice.pick([0, 1, 20, 700]), 'x')) }),
  );
  return ofLines(name, [...lines, ...closing]);
}

/** Requests, up to some at a time, each with its answer some time later. */
function pipelined(dice: Dice, ask: (n: number) => void, answer: (n: number) => void, inOrder: boolean): void {
  const waiting: number[] = [];
  const requests = 3 + dice.roll(20);
  for (let asked = 0; asked < requests || waiting.length > 0; ) {
    if (asked < requests && (waiting.length === 0 || (waiting.length < 5 && dice.roll(2) === 0))) {
      ask(asked);
      waiting.push(asked++);
    } else answer(waiting.splice(inOrder ? 0 : dice.roll(waiting.length), 1)[0]);
  }
}

const idOf = (n: number) => Buffer.from(uint16(n)).toString('hex');

/** @param isFaulty an answer comes that nobody has asked for */
function kvTalk(dice: Dice, isFaulty = false): Traffic {
  const traffic = new Traffic();
  const talk = traffic.connect(kv.CLIENT, kv.SERVER).client(kv.HELLO);
  // Of six ids, which are used again and again.
  const id = (n: number) => idOf(n % 6);
  pipelined(
    dice,
    n => talk.client(kv.GET(id(n))),
    n => talk.server(dice.roll(4) === 0 ? kv.ERROR(id(n)) : kv.VALUE(id(n))),
    true,
  );
  if (isFaulty) talk.server(kv.VALUE('ffff'));
  talk.client(kv.BYE).close();
  return traffic;
}

function respTalk(dice: Dice, isFaulty = false): Traffic {
  const turns: resp.Turn[] = [];
  pipelined(
    dice,
    () => turns.push(resp.client(resp.command('GET', 'color'))),
    () => turns.push(resp.server(dice.pick([resp.bulk('green'), resp.bulk(), '-ERR no\r\n', ':7\r\n']))),
    true,
  );
  if (isFaulty) turns.push(resp.server(resp.bulk()), resp.client(resp.command('PING')), resp.server('+PONG\r\n'));
  return resp.conversation(turns);
}

function modbusTalk(dice: Dice, isFaulty = false): Traffic {
  const turns: modbus.Turn[] = [];
  pipelined(
    dice,
    n => turns.push(['client', modbus.message(n, '03 0000 0001')]),
    n => turns.push(['server', modbus.message(n, dice.roll(4) === 0 ? '83 02' : '03 02 1234')]),
    false,
  );
  if (isFaulty) turns.splice(dice.roll(turns.length + 1), 0, ['server', modbus.message(999, '03 02 1234')]);
  return modbus.conversation(turns);
}
