/**
 * Each fault on each message of a conversation that keeps the rules, protocol by protocol: whatever the other side is given,
 * nobody is accused of it. Where it ends there, nobody has said anything since; where both go on, they do as their protocol
 * has it, from what they were given.
 */
import { describe, expect, test } from 'vitest';
import { closing, first, libipc as message } from '../kit/filestorage.ts';
import { CLIENT, SERVER } from '../kit/guard-bench.ts';
import { link, type Line as Streamed } from '../kit/ministreaming.ts';
import { handshake, type Line as Netted, parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';
import { added, type Came, outcomeOf, type Said, type Talk } from '../kit/provoked.ts';

const { C, L } = parties();
const c = link();
const d = link('ann', 0x234568, 0x987655);
const v5 = mqtt(5);
const { authentication, ok, transfer } = first;
const client = (bytes: Uint8Array): Said => ({ side: CLIENT, bytes });
const server = (bytes: Uint8Array): Said => ({ side: SERVER, bytes });
const ipc = (text: string) => message(2, 42, Buffer.from(text));
const net = ({ from, ...line }: Netted): Said => ({ side: from === 'connector' ? CLIENT : SERVER, ...line });
const streamed = ({ from, ...line }: Streamed): Said => ({ side: from === 'ann' ? CLIENT : SERVER, ...line });

const TALKS: readonly Talk[] = [
  {
    protocol: 'mnet',
    carrier: 'datagrams',
    lines: [
      ...handshake({ C, L }),
      C.data(0, 20),
      C.data(20, 40),
      L.data(0, 30, 40),
      C.bare(40, 30),
      C.shutdown(30),
      L.shutdownAck(),
      C.shutdownComplete(),
    ].map(net),
  },
  {
    protocol: 'ministreaming',
    carrier: 'datagrams',
    lines: [
      c.syn(),
      c.ack(),
      c.send('one'),
      c.send('two'),
      c.answer('three'),
      c.answer('four'),
      d.syn(),
      d.refuse(),
      c.close(),
      c.serverClose(),
    ].map(streamed),
  },
  {
    protocol: 'filestorage',
    lines: [authentication(1, [33, 5]), ok(1), transfer(2), ok(2), transfer(3, 5), ok(3)],
  },
  {
    protocol: 'libipc',
    lines: [client(ipc('a')), server(ipc('b')), client(ipc('c')), client(ipc('d')), server(ipc('e'))],
  },
  {
    protocol: 'mqtt',
    lines: [
      client(v5.connect()),
      server(v5.connack()),
      client(v5.subscribe(1, ['a'])),
      server(v5.suback(1, [0])),
      client(v5.publish({ topic: 'a', qos: 1, id: 2 })),
      client(v5.publish({ topic: 'b', qos: 2, id: 3 })),
      server(v5.puback(2)),
      server(v5.pubrec(3)),
      client(v5.pubrel(3)),
      server(v5.pubcomp(3)),
      client(v5.pingreq()),
      server(v5.pingresp()),
      client(v5.disconnect()),
    ],
  },
];

const FAULTS = {
  drop: 'drop',
  duplicate: 'repeat',
  reorder: 'swap with next',
  delay: 'delay 300ms',
  corrupt: 'corrupt',
} as const;

describe.each(TALKS.map(talk => [talk.protocol, talk] as const))('%s', (_, talk) => {
  test('is clean without a fault', async () => {
    const { own, induced } = await outcomeOf(talk);
    expect([added(own, []), induced]).toEqual([[], []]);
  });

  const untouched = new Map<number, Came>();

  test.each(Object.entries(FAULTS))('%s', async (kind, fault) => {
    for (const [place, { side }] of talk.lines.entries()) {
      const next = talk.lines[place + 1];
      const end = kind === 'reorder' && next?.side === side ? place + 2 : place + 1;
      const lines = talk.lines.slice(0, end);
      const nth = talk.lines.slice(0, place + 1).filter(line => line.side === side).length;
      const without = untouched.get(end) ?? (await outcomeOf({ ...talk, lines }));
      untouched.set(end, without);
      const came = await outcomeOf(
        { ...talk, lines },
        { faults: [`${side === CLIENT ? 'client' : 'server'}: ${fault} nth=${nth}`] },
      );
      // What was given twice and is not answered counts twice.
      expect([place, added([...new Set(came.own)], without.own)]).toEqual([place, []]);
      expect(came.causes.length).toBeGreaterThan(0);
    }
  });
});

const opened = handshake({ C, L });
const netClosing = [C.shutdown(), L.shutdownAck(), C.shutdownComplete()];
const established = [c.syn(), c.ack()];
const stored = [authentication(1, [33, 5]), ok(1)];
const connected = [client(v5.connect()), server(v5.connack())];
const one = client(v5.publish({ topic: 'a', qos: 1, id: 2 }));
const two = client(v5.publish({ topic: 'b', qos: 1, id: 3 }));
const after = <T extends object>(seconds: number, line: T): T => ({ ...line, after: seconds });

/** Both sides go on as their protocol has it. */
interface Going {
  readonly name: string;
  readonly talk: 'mnet' | 'ministreaming' | 'filestorage' | 'libipc' | 'mqtt';
  readonly fault: string;
  readonly lines: readonly Said[];
  readonly induced: readonly string[];
}

const GOING_ON: readonly Going[] = [
  {
    name: 'DATA is lost, its sender goes on and sends it once more',
    talk: 'mnet',
    fault: 'drop if type == DATA nth=1',
    lines: [...opened, C.data(0, 20), C.data(20, 40), L.bare(0, 0), C.data(0, 20), L.bare(0, 40), ...netClosing].map(
      net,
    ),
    induced: ['mnet/sequence-gap client'],
  },
  {
    name: 'an INIT comes twice, and has two COOKIEs',
    talk: 'mnet',
    fault: 'repeat if type == INIT nth=1',
    lines: [C.init(), L.cookie(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 20), L.bare(0, 20), ...netClosing].map(
      net,
    ),
    induced: [],
  },
  {
    name: 'one DATA overtakes the other',
    talk: 'mnet',
    fault: 'swap with next if type == DATA nth=1',
    lines: [...opened, C.data(0, 20), C.data(20, 40), L.bare(0, 40), ...netClosing].map(net),
    induced: ['mnet/sequence-gap client'],
  },
  {
    name: 'a COOKIE is late, and comes behind the one that answers the second INIT',
    talk: 'mnet',
    fault: 'delay 3s if type == COOKIE nth=1',
    lines: [
      ...[C.init(), L.cookie(), after(2, C.init()), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 20)],
      ...[L.bare(0, 20), after(2, C.data(20, 40)), L.bare(0, 40), ...netClosing],
    ].map(net),
    induced: [],
  },
  {
    name: 'a COOKIE-ECHO is spoilt and sent once more',
    talk: 'mnet',
    fault: 'corrupt if type == COOKIE-ECHO nth=1',
    lines: [
      ...[C.init(), L.cookie(), C.echo(), after(1, C.echo()), L.cookieAck(), C.data(0, 20), L.bare(0, 20)],
      ...netClosing,
    ].map(net),
    induced: ['mnet/echo-mismatch client'],
  },
  {
    name: 'DATA is lost, and nobody knows',
    talk: 'ministreaming',
    fault: 'drop if type == "DATA (client)" nth=1',
    lines: [...established, c.send(), c.send(), c.answer(), c.close(), c.serverClose()].map(streamed),
    induced: [],
  },
  {
    name: 'an ACK comes twice',
    talk: 'ministreaming',
    fault: 'repeat if type == ACK nth=1',
    lines: [...established, c.send(), c.answer(), c.close(), c.serverClose()].map(streamed),
    induced: ['ministreaming/ack-duplicate server'],
  },
  {
    name: 'a CLOSE overtakes DATA, and is answered',
    talk: 'ministreaming',
    fault: 'swap with next if type == "DATA (client)" nth=1',
    lines: [...established, c.send(), c.close(), c.serverClose()].map(streamed),
    induced: ['ministreaming/data-after-close client'],
  },
  {
    name: 'a CLOSE is late, and the other side goes on meanwhile',
    talk: 'ministreaming',
    fault: 'delay 300ms if type == "CLOSE (server)" nth=1',
    lines: [...established, c.serverClose(), c.send(), after(1, c.close())].map(streamed),
    induced: [],
  },
  {
    name: 'DATA is spoilt, and the server closes',
    talk: 'ministreaming',
    fault: 'corrupt if type == "DATA (client)" nth=1',
    lines: [...established, c.send(), c.serverClose(), c.close()].map(streamed),
    induced: [],
  },
  {
    name: 'an answer is lost, and the client gives up',
    talk: 'filestorage',
    fault: 'drop if type == RESPONSE nth=2',
    lines: [authentication(1, [33]), ok(1), transfer(2), ok(2), ...closing],
    induced: ['filestorage/request-unanswered server'],
  },
  {
    name: 'a chunk comes twice, and is answered twice',
    talk: 'filestorage',
    fault: 'repeat if type == TRANSFER nth=1',
    lines: [...stored, transfer(2), ok(2), ok(2), transfer(3, 5), ok(3), ...closing],
    induced: [
      'filestorage/message-id-reused client',
      'filestorage/transfer-pipelined client',
      'filestorage/response-unsolicited server',
    ],
  },
  {
    name: 'one answer waits for another, which never comes',
    talk: 'filestorage',
    fault: 'swap with next if type == RESPONSE nth=1',
    lines: [...stored, after(2, transfer(2)), ok(2), transfer(3, 5), ok(3), ...closing],
    induced: [],
  },
  {
    name: 'a chunk is late',
    talk: 'filestorage',
    fault: 'delay 5s if type == TRANSFER nth=1',
    lines: [...stored, transfer(2), after(6, ok(2)), transfer(3, 5), ok(3), ...closing],
    induced: [],
  },
  {
    name: 'a chunk is spoilt and refused',
    talk: 'filestorage',
    fault: 'corrupt if type == TRANSFER nth=1',
    lines: [...stored, transfer(2), first.error(2), transfer(3), ok(3), ...closing],
    induced: ['filestorage/not-json client'],
  },
  ...['drop', 'repeat', 'swap with next', 'delay 300ms', 'corrupt'].map(
    (fault): Going => ({
      name: `${fault}: libipc has no memory`,
      talk: 'libipc',
      fault: `${fault} if type == DATA nth=2`,
      lines: [client(ipc('aa')), client(ipc('bb')), server(ipc('cc')), client(ipc('dd')), ...closing],
      induced: [],
    }),
  ),
  {
    name: 'a PUBACK is lost, and the client ends',
    talk: 'mqtt',
    fault: 'drop if type == PUBACK nth=1',
    lines: [...connected, one, server(v5.puback(2)), client(v5.disconnect()), ...closing],
    induced: [],
  },
  {
    name: 'a PUBLISH comes twice, and is acknowledged twice',
    talk: 'mqtt',
    fault: 'repeat if type == PUBLISH nth=1',
    lines: [
      ...connected,
      one,
      server(v5.puback(2)),
      server(v5.puback(2)),
      two,
      server(v5.puback(3)),
      client(v5.disconnect()),
      ...closing,
    ],
    induced: ['mqtt/dup-missing client', 'mqtt/ack-unknown-id server'],
  },
  {
    name: 'one PUBLISH overtakes the other, and both are acknowledged in the order in which they came',
    talk: 'mqtt',
    fault: 'swap with next if type == PUBLISH nth=1',
    lines: [...connected, one, two, server(v5.puback(3)), server(v5.puback(2)), client(v5.disconnect()), ...closing],
    induced: [],
  },
  {
    name: 'a PINGREQ is late',
    talk: 'mqtt',
    fault: 'delay 2s if type == PINGREQ nth=1',
    lines: [...connected, client(v5.pingreq()), after(3, server(v5.pingresp())), client(v5.disconnect()), ...closing],
    induced: [],
  },
  {
    name: 'a PUBLISH is spoilt, and the server ends the connection',
    talk: 'mqtt',
    fault: 'corrupt if type == PUBLISH nth=1',
    lines: [...connected, one, server(v5.disconnect(0x82)), ...closing],
    induced: ['mqtt/length client'],
  },
];

describe('both sides go on', () => {
  test.each(GOING_ON.map(going => [`${going.talk}: ${going.name}`, going] as const))('%s', async (_, going) => {
    const { fault, lines, induced } = going;
    const talk: Talk = { ...TALKS.find(({ protocol }) => protocol === going.talk)!, lines };
    const came: Came = await outcomeOf(talk, { faults: [fault] });
    expect(came.causes).toEqual([fault]);
    expect(added(came.own, [])).toEqual([]);
    expect(came.induced.filter(found => found.includes(' '))).toEqual(induced);
  });
});
