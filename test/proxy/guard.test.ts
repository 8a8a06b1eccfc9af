/** What is done to what passes, flow by flow: what each side gets, what is recorded, and whom the two views accuse. */
import { describe, expect, test } from 'vitest';
import { protocols } from '../../dissectors/index.ts';
import { parseFaults } from '../../src/faults/parse.ts';
import type { Overseer } from '../../src/faults/passage.ts';
import { messageReadersOf } from '../../src/faults/reader.ts';
import { settingOf } from '../../src/faults/set.ts';
import { catalogueOf } from '../../src/filter/catalogue.ts';
import type { Deed } from '../../src/lint/deed.ts';
import { catalogue, known } from '../faults/asking.ts';
import { libipc } from '../kit/filestorage.ts';
import { CLIENT, GuardBench, SERVER } from '../kit/guard-bench.ts';
import { link } from '../kit/ministreaming.ts';
import { handshake, parties } from '../kit/mnet.ts';
import { mqtt } from '../kit/mqtt.ts';

const v4 = mqtt(4);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const all = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

/** Does these deeds to each message of this name, or to the n-th alone. */
function onMessage(name: string, deed: Deed | ((wire: Uint8Array) => Deed), nth = 0): Overseer {
  let seenSoFar = 0;
  return {
    message: (seen, { wire }) => {
      if (seen.name !== name || (nth > 0 && ++seenSoFar !== nth)) return [];
      return [{ deed: typeof deed === 'function' ? deed(wire) : deed, cause: 'test', by: 'fault' }];
    },
  };
}

function bench(...overseers: readonly Overseer[]): GuardBench {
  const guarded = new GuardBench({ protocol: 'mqtt', overseers });
  guarded.connect();
  guarded.say(CLIENT, v4.connect()).say(SERVER, v4.connack());
  return guarded;
}

describe('a stream on which nothing is done', () => {
  test('goes through as it was, message by message, and both views have the same to say', async () => {
    const guarded = bench();
    const publish = v4.publish({ topic: 'a', qos: 1, id: 1 });
    guarded.say(CLIENT, all(publish, publish.subarray(0, 3))).say(CLIENT, publish.subarray(3));
    guarded.say(SERVER, v4.puback(1));
    expect(guarded.got[SERVER]).toEqual([v4.connect(), publish, publish].map(hex));
    expect(guarded.got[CLIENT]).toEqual([v4.connack(), v4.puback(1)].map(hex));
    const [client, server] = await guarded.over();
    expect(client.view?.found).toEqual(server.view?.found);
    expect(client.findings.map(({ ruleId }) => ruleId)).toEqual(['mqtt/dup-missing']);
    expect(guarded.deeds).toEqual([]);
  });

  test('keeps nothing back of a protocol that nobody knows', () => {
    const guarded = new GuardBench({ protocol: 'mqtt', engine: { decodeAs: [] } });
    guarded.connect();
    guarded.say(CLIENT, Buffer.from('GET / HT')).say(CLIENT, Buffer.from('TP/1.1\r\n\r\n'));
    expect(guarded.got[SERVER].join('')).toBe(hex(Buffer.from('GET / HTTP/1.1\r\n\r\n')));
  });

  test('lets bytes go on in which no more messages can be found', () => {
    const guarded = bench();
    const nonsense = Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3);
    guarded.say(CLIENT, nonsense).say(CLIENT, Uint8Array.of(9, 9));
    expect(guarded.got[SERVER].join('')).toBe(hex(all(v4.connect(), nonsense, Uint8Array.of(9, 9))));
  });

  test('ends each direction behind what was said in it', () => {
    const guarded = bench();
    guarded.say(CLIENT, Uint8Array.of(0x30, 20, 0));
    guarded.relay.ended(1, CLIENT);
    expect(guarded.got[SERVER].at(-1)).toBe('fin');
    expect(guarded.got[CLIENT]).not.toContain('fin');
  });
});

describe('deeds on a stream', () => {
  const publish = (id: number) => v4.publish({ topic: 'a', qos: 1, id });
  const passed = (guarded: GuardBench) => guarded.got[SERVER].slice(1);
  const [one, two, three] = [publish(1), publish(2), publish(3)];

  test('drop: the other side never gets it, the next packet of the recording says so', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'drop' }, 1));
    guarded.say(CLIENT, all(one, two));
    expect(passed(guarded)).toEqual([hex(two)]);
    const [deed] = guarded.deeds;
    expect(deed).toMatchObject({ kind: 'drop', unit: 'PUBLISH', from: '10.0.0.1:40001', to: '10.0.0.2:7000' });
    expect(guarded.comments.get(deed.frame)).toContain(hex(one));
  });

  test('delay: what follows waits, too', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'delay', milliseconds: 50 }, 1));
    guarded.say(CLIENT, all(one, two));
    expect(passed(guarded)).toEqual([]);
    guarded.timers.pass(48);
    expect(passed(guarded)).toEqual([]);
    guarded.timers.pass(1);
    expect(passed(guarded)).toEqual([one, two].map(hex));
  });

  test('duplicate, and swap with the next', () => {
    const guarded = bench(
      onMessage('PUBLISH', { kind: 'duplicate', copies: 2 }, 1),
      onMessage('PUBLISH', { kind: 'reorder' }, 2),
    );
    guarded.say(CLIENT, all(one, two, three));
    expect(passed(guarded)).toEqual([one, one, one, three, two].map(hex));
  });

  test('what nobody overtakes goes on after a while, and before the end', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'reorder' }));
    guarded.say(CLIENT, one);
    expect(passed(guarded)).toEqual([]);
    guarded.timers.pass(1_000);
    expect(passed(guarded)).toEqual([hex(one)]);
    guarded.say(CLIENT, two);
    guarded.relay.ended(1, CLIENT);
    expect(passed(guarded)).toEqual([hex(one), hex(two), 'fin']);
  });

  test('replace: the receiver gets other bytes, and the recording shows them and says what was sent', () => {
    const guarded = bench(
      onMessage('PUBLISH', { kind: 'replace', bytes: three, note: 'mqtt.packetIdentifier = 3', how: 'set' }, 1),
    );
    guarded.say(CLIENT, one);
    expect(passed(guarded)).toEqual([hex(three)]);
    const comment = guarded.comments.get(guarded.deeds[0].frame);
    expect(comment).toContain('mqtt.packetIdentifier = 3');
    expect(comment).toContain(`sent was ${hex(one)}`);
  });

  test('trickle: byte by byte, and what follows waits', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'trickle', milliseconds: 5 }, 1));
    guarded.say(CLIENT, all(one, two));
    guarded.timers.pass(5 * one.length);
    expect(passed(guarded)).toEqual([...[...one].map(byte => hex(Uint8Array.of(byte))), hex(two)]);
  });

  test('cut: the first bytes, then the end towards both sides', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'cut', length: 3 }));
    guarded.say(CLIENT, all(one, two));
    expect(passed(guarded)).toEqual([hex(one.subarray(0, 3)), 'fin']);
    expect(guarded.got[CLIENT].at(-1)).toBe('fin');
  });

  test('stall: nothing of this direction goes on, the other one does', () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'stall' }, 2));
    guarded.say(CLIENT, all(one, two, three)).say(SERVER, v4.puback(1));
    guarded.relay.ended(1, CLIENT);
    expect(passed(guarded)).toEqual([hex(one)]);
    expect(guarded.got[CLIENT].at(-1)).toBe(hex(v4.puback(1)));
  });

  test('what one loses of a message, another ends the connection for; what else was decided is moot', () => {
    const decided = (...deeds: readonly Deed[]): Overseer => ({
      unit: ({ ordinal }) => (ordinal === 1 ? deeds.map(deed => ({ deed, cause: 'test', by: 'fault' })) : []),
    });
    const drop = onMessage('PUBLISH', { kind: 'drop' });
    const kinds = ({ deeds }: GuardBench) => deeds.map(({ kind }) => kind);
    for (const when of ['before', 'after'] as const) {
      const closed = bench(drop, decided({ kind: 'duplicate', copies: 1 }, { kind: 'close', when }, { kind: 'hold' }));
      closed.say(CLIENT, one);
      expect(passed(closed)).toEqual(['fin']);
      expect(closed.got[CLIENT]).toEqual([hex(v4.connack()), 'fin']);
      expect(kinds(closed)).toEqual(['drop', 'close']);
    }
    const stalled = bench(
      drop,
      decided({ kind: 'stall' }, { kind: 'abort', when: 'before' }, { kind: 'close', when: 'after' }),
    );
    stalled.say(CLIENT, one);
    expect(passed(stalled)).toEqual(['rst']);
    expect(kinds(stalled)).toEqual(['drop', 'stall', 'abort']);
  });

  test('what several change adds up, each on top of what those before it have changed', () => {
    const plan = (text: string) => parseFaults([text], catalogue, { setField: settingOf(known) });
    const topic = plan('set mqtt.topic = "longer" if type == PUBLISH');
    const identifier = plan('set mqtt.packetIdentifier = 9 if type == PUBLISH');
    const guarded = bench(topic, identifier);
    guarded.say(CLIENT, one).say(CLIENT, two);
    expect(passed(guarded)).toEqual([9, 9].map(id => hex(v4.publish({ topic: 'longer', qos: 1, id }))));
    const shown: string[] = [];
    const looking: Overseer = {
      message: (_, { wire }) => {
        shown.push(hex(wire));
        return [];
      },
    };
    const cut = bench(topic, onMessage('PUBLISH', { kind: 'cut', length: 4 }), looking);
    cut.say(CLIENT, one);
    const longer = v4.publish({ topic: 'longer', qos: 1, id: 1 });
    expect(shown.at(-1)).toBe(hex(longer.subarray(0, 4)));
    expect(passed(cut)).toEqual([hex(longer.subarray(0, 4)), 'fin']);
  });

  test('close and abort, in its place or behind it', () => {
    const after = bench(onMessage('PUBLISH', { kind: 'close', when: 'after' }));
    after.say(CLIENT, all(one, two)).say(SERVER, v4.puback(1));
    expect(passed(after)).toEqual([hex(one), 'fin']);
    expect(after.got[CLIENT]).toEqual([hex(v4.connack()), 'fin']);
    const before = bench(onMessage('PUBLISH', { kind: 'abort', when: 'before' }));
    before.say(CLIENT, one);
    expect(passed(before)).toEqual(['rst']);
    expect(before.got[CLIENT]).toEqual([hex(v4.connack()), 'rst']);
    expect(before.relay.size).toBe(0);
  });

  test('send: a message of our own goes to the side that is meant', () => {
    const pingresp = v4.pingresp();
    const guarded = bench(onMessage('PUBLISH', { kind: 'send', to: 'sender', bytes: pingresp, note: 'PINGRESP' }));
    guarded.say(CLIENT, one);
    expect(guarded.got[CLIENT].at(-1)).toBe(hex(pingresp));
    expect(passed(guarded)).toEqual([hex(one)]);
  });

  test('send: before a message or behind it, also one that is dropped, and whom it is for', () => {
    const texts = [
      'send bytes d0:00 to client after type == PUBLISH nth=1',
      'send bytes c0:00 to server if type == PUBLISH nth=1',
      'send bytes e0:00 to server after type == PUBLISH nth=2',
      'drop if type == PUBLISH nth=2',
    ];
    const guarded = bench(parseFaults(texts, catalogueOf(protocols)));
    guarded.say(CLIENT, all(one, two, three));
    expect(passed(guarded)).toEqual(['c000', hex(one), 'e000', hex(three)]);
    expect(guarded.got[CLIENT]).toEqual([hex(v4.connack()), 'd000']);
    expect(guarded.deeds.map(({ words, unit, from, to }) => [words, unit, from, to])).toEqual([
      ['sent bytes d0:00', 'bytes d0:00', '10.0.0.2:7000', '10.0.0.1:40001'],
      ['sent bytes c0:00', 'bytes c0:00', '10.0.0.1:40001', '10.0.0.2:7000'],
      ['sent bytes e0:00', 'bytes e0:00', '10.0.0.1:40001', '10.0.0.2:7000'],
      ['dropped PUBLISH', 'PUBLISH', '10.0.0.1:40001', '10.0.0.2:7000'],
    ]);
    expect([...guarded.comments.values()].join('\n')).toContain('sent bytes e0:00');
  });

  test('send: a message by its name, with values, framed as the stream is', () => {
    const texts = [
      'send PUBLISH with mqtt.topic = "own", mqtt.payload = "hi" to server if type == PUBLISH nth=1',
      'send PINGRESP to client after type == PUBLISH nth=1',
    ];
    const guarded = bench(parseFaults(texts, catalogue, messageReadersOf(known)));
    guarded.say(CLIENT, one);
    expect(passed(guarded)).toEqual([hex(v4.publish({ topic: 'own', payload: 'hi' })), hex(one)]);
    expect(guarded.got[CLIENT]).toEqual([hex(v4.connack()), 'd000']);
    expect(guarded.deeds.map(({ words }) => words)).toEqual([
      'sent PUBLISH with mqtt.topic = "own", mqtt.payload = "hi"',
      'sent PINGRESP',
    ]);
  });
});

describe('whom the views accuse', () => {
  test('a PUBLISH is dropped: its sender sees a broker that does not answer, and the broker sees nothing', async () => {
    const guarded = bench(onMessage('PUBLISH', { kind: 'drop' }));
    guarded.say(CLIENT, v4.publish({ topic: 'a', qos: 1, id: 1 }));
    guarded.say(CLIENT, v4.pingreq()).say(SERVER, v4.pingresp()).say(CLIENT, v4.disconnect());
    const [client, server] = await guarded.over();
    expect([client.findings, server.findings]).toEqual([[], []]);
  });

  test('a PUBACK that answers nothing is ours where we made it so: only the client is given it', async () => {
    const guarded = bench(
      onMessage('PUBACK', () => ({ kind: 'replace', bytes: v4.puback(9), note: 'id', how: 'set' })),
    );
    guarded
      .say(CLIENT, v4.publish({ topic: 'a', qos: 1, id: 1 }))
      .say(SERVER, v4.puback(1))
      .say(CLIENT, v4.disconnect());
    const [client, server] = await guarded.over();
    expect(client.findings).toEqual([]);
    expect(client.view?.found.map(({ ruleId, atFault }) => [ruleId, atFault])).toContainEqual([
      'mqtt/ack-unknown-id',
      '10.0.0.2:7000',
    ]);
    expect(server.findings).toEqual([]);
  });
});

describe('datagrams', () => {
  const { C, L } = parties();
  const [init, cookie, echo, ack] = handshake({ C, L }).map(({ bytes }) => bytes);

  test('do not wait for each other', () => {
    const overseers = [onMessage('INIT', { kind: 'delay', milliseconds: 100 })];
    const guarded = new GuardBench({ protocol: 'mnet', carrier: 'datagrams', overseers });
    guarded.connect();
    guarded.say(CLIENT, init).say(CLIENT, Uint8Array.of(9, 9, 9));
    guarded.timers.pass(200);
    expect(guarded.got[SERVER]).toEqual([hex(Uint8Array.of(9, 9, 9)), hex(init)]);
  });

  test('are dropped when too many wait, and that is said', () => {
    const overseers = [onMessage('INIT', { kind: 'hold' })];
    const guarded = new GuardBench({ protocol: 'mnet', carrier: 'datagrams', overseers, mostWaiting: 2 * init.length });
    guarded.connect();
    for (let count = 0; count < 4; count++) guarded.say(CLIENT, init);
    expect(guarded.guard.holds.held()).toHaveLength(2);
    expect(guarded.shortages).toHaveLength(2);
  });

  test('a handshake whose COOKIE-ACK is lost once, for good', async () => {
    const overseers = [onMessage('COOKIE-ACK', { kind: 'drop' }, 1)];
    const guarded = new GuardBench({ protocol: 'mnet', carrier: 'datagrams', overseers });
    guarded.connect();
    guarded.say(CLIENT, init).say(SERVER, cookie).say(CLIENT, echo).say(SERVER, ack);
    guarded.timers.pass(1_000);
    guarded.say(CLIENT, echo).say(SERVER, ack);
    expect(guarded.got[CLIENT]).toEqual([cookie, ack].map(hex));
    const [client, server] = await guarded.over();
    expect([...client.findings, ...server.findings].filter(({ atFault }) => atFault !== null)).toEqual([]);
  });
});

describe('what was passed on before its protocol was known', () => {
  const named = (...names: readonly string[]): Overseer => ({
    message: ({ name }) => (names.includes(name) ? [{ deed: { kind: 'drop' }, cause: 'test', by: 'fault' }] : []),
  });

  test('is a datagram of the other side', () => {
    const overseers = [named('SYN')];
    const engine = { decodeAs: [] };
    const guarded = new GuardBench({ protocol: 'ministreaming', carrier: 'datagrams', overseers, engine });
    guarded.connect();
    const { syn, ack } = { syn: link().syn().bytes, ack: link().ack().bytes };
    guarded.say(CLIENT, syn).say(CLIENT, syn).say(SERVER, ack);
    expect(guarded.got).toEqual([[hex(ack)], [hex(syn), hex(syn)]]);
  });

  test.each(['stream', 'records'] as const)('is a message of the other side: %s', carrier => {
    const [question, answer] = [libipc(2, 1, Uint8Array.of(1, 2, 3)), libipc(2, 9, Uint8Array.of(4, 5, 6))];
    const seen: string[] = [];
    const overseer: Overseer = {
      message: (_, { from, wire }) => {
        seen.push(`${from} ${hex(wire)}`);
        return [];
      },
    };
    const guarded = new GuardBench({ protocol: 'libipc', carrier, overseers: [overseer], engine: { decodeAs: [] } });
    guarded.connect();
    guarded.say(CLIENT, question).say(SERVER, answer).say(CLIENT, question);
    expect(seen).toEqual([`server ${hex(answer)}`, `client ${hex(question)}`]);
    expect(guarded.got).toEqual([[hex(answer)], [hex(question), hex(question)]]);
  });
});

describe('what is held', () => {
  const holding = () => bench(onMessage('PUBLISH', { kind: 'hold' }));
  const one = v4.publish({ topic: 'a', qos: 1, id: 1 });
  const two = v4.publish({ topic: 'a', qos: 1, id: 2 });

  test('waits with what follows, and shows its message', () => {
    const guarded = holding();
    guarded.say(CLIENT, all(one, v4.pingreq()));
    const [held] = guarded.guard.holds.held();
    expect(guarded.got[SERVER]).toEqual([hex(v4.connect())]);
    expect(held).toMatchObject({ id: 1, flow: 1, from: 'client', client: '10.0.0.1:40001', cause: 'test' });
    expect(held.messages.map(({ name, offset, protocol }) => [name, offset, protocol])).toEqual([
      ['PUBLISH', 0, 'mqtt'],
    ]);
    expect(guarded.guard.holds.flows()).toEqual([
      { flow: 1, pair: 0, client: '10.0.0.1:40001', server: '10.0.0.2:7000', held: 1 },
    ]);
  });

  test('is passed on, or other bytes in its place, and then what waited', () => {
    const guarded = holding();
    guarded.say(CLIENT, all(one, two));
    expect(guarded.guard.holds.forward(1)).toBe(true);
    expect(guarded.got[SERVER].slice(1)).toEqual([hex(one)]);
    const other = v4.publish({ topic: 'b', qos: 1, id: 2 });
    guarded.guard.holds.forward(2, other, 'mqtt.topic = "b"');
    expect(guarded.got[SERVER].slice(1)).toEqual([one, other].map(hex));
    expect(guarded.guard.holds.forward(2)).toBe(false);
    expect(guarded.deeds.map(({ kind }) => kind)).toEqual(['hold', 'replace']);
  });

  test('is dropped, repeated, or goes with its connection', () => {
    const guarded = holding();
    guarded.say(CLIENT, all(one, two));
    guarded.guard.holds.drop(1);
    expect(guarded.guard.holds.repeat(2)).toBe(3);
    expect(guarded.got[SERVER].slice(1)).toEqual([hex(two)]);
    expect(guarded.guard.holds.held().map(({ id }) => id)).toEqual([3]);
    guarded.guard.holds.abort(1);
    expect(guarded.guard.holds.held()).toEqual([]);
    expect(guarded.got[SERVER].at(-1)).toBe('rst');
  });

  test('keeps its sender from being read when much waits behind it, until it goes', () => {
    const overseers = [onMessage('PUBLISH', { kind: 'hold' }, 1)];
    const guarded = new GuardBench({ protocol: 'mqtt', overseers, mostWaiting: 10 });
    guarded.connect();
    guarded.say(CLIENT, v4.connect()).say(CLIENT, all(one, two, two));
    expect(guarded.paused).toEqual(new Set(['1 0']));
    guarded.guard.holds.forward(1);
    expect(guarded.paused).toEqual(new Set());
  });
});
