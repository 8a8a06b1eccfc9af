/** Captures made to hurt: what they fill is bounded, the bound is reported, and nobody is accused of what was forgotten. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROPERTY } from '../../../dissectors/mqtt/terms.ts';
import { concat, hex } from '../../../src/testkit/bytes.ts';
import { judgeNet, scene } from '../../kit/mqtt-judge.ts';
import type { MqttConnection } from '../../kit/mqtt-net.ts';
import { casesOf } from '../../kit/portion.ts';
import { FORM } from './cases/form.ts';

const { SUBSCRIPTION_IDENTIFIER, TOPIC_ALIAS, TOPIC_ALIAS_MAXIMUM, USER_PROPERTY } = PROPERTY;
const LONGEST = 268_435_455;
const present = { sessionPresent: true } as const;
const SEGMENT = { cut: 60_000 } as const;
const many = <T>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i + 1));
const hit = (bound: string, times: string) => `mqtt: ${bound} was hit ${times}; what needed more could not be judged`;

describe('a packet that announces 268 MB', () => {
  test('as a CONNECT that never comes', () => {
    const { net, m, tcp } = scene(5);
    tcp()
      .client(m.packet(1, 0, m.connect().subarray(2), LONGEST))
      .send('client', [new Uint8Array(2_000_000)], SEGMENT);
    const { broken, verdicts } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(verdicts).not.toContain('violations');
  });

  test('as a PUBLISH that goes on beyond what is kept', () => {
    const { net, m, open } = scene(4);
    open()
      .client(m.packet(3, 2, m.publish({ topic: 'a/+', qos: 1 }).subarray(2), LONGEST))
      .send('client', [new Uint8Array(4_000_000)], SEGMENT);
    expect(judgeNet(net, { limits: { 'message-bytes': 100_000 } }).broken).toEqual([]);
  });
});

describe('a bound', () => {
  test('on sessions: those that were forgotten are not missed', () => {
    const { net, m, open, kept } = scene(4);
    const ids = many(10, number => `c${number}`);
    for (const clientId of ids)
      open({ ...kept(), clientId })
        .client(m.disconnect())
        .close('client');
    for (const clientId of ids.toReversed()) open({ ...kept(), clientId });
    const { broken, report } = judgeNet(net, { limits: { sessions: 4 } });
    expect(broken).toHaveLength(4);
    expect(broken.every(finding => finding.startsWith('session-lost '))).toBe(true);
    expect(report.notes.some(note => note.startsWith('mqtt: --limit sessions=4 was hit'))).toBe(true);
  });

  test('on connections', () => {
    const { net, open } = scene(5);
    for (const number of [1, 2, 3, 4]) open({ clientId: `c${number}` });
    const { broken, report } = judgeNet(net, { limits: { flows: 2 } });
    expect(broken).toEqual([]);
    expect(report.notes.some(note => note.includes('--limit flows=2'))).toBe(true);
  });

  test('on PINGREQs: a PINGRESP may be for one that was forgotten', () => {
    const { net, m, open } = scene(4);
    open()
      .together(
        'client',
        many(1_030, () => m.pingreq()),
      )
      .together(
        'server',
        many(1_030, () => m.pingresp()),
      );
    const { broken, report } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(report.notes).toEqual([hit('pings=1024', '6 times')]);
  });

  test('on the flows of one identifier: an acknowledgement may be for one that was forgotten', () => {
    const { net, m, open } = scene(4);
    const talk = open();
    for (const number of many(40, id => id)) {
      const payload = `${number}`;
      talk.client(m.publish({ qos: 1, payload }), m.publish({ qos: 1, payload, dup: true })).server(m.puback());
    }
    talk.server(...many(40, () => m.puback()));
    const { broken, report } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(report.notes).toEqual([hit('flows-of-identifier=16', '24 times')]);
  });

  test('on the flows of one identifier, where each is a fault', () => {
    const { net, m, open } = scene(5);
    open().together(
      'client',
      many(2_000, number => m.publish({ qos: 1, payload: `${number}` })),
    );
    const { findings, report } = judgeNet(net);
    expect(new Set(findings.map(({ ruleId }) => ruleId))).toEqual(new Set(['mqtt/packet-id-in-use']));
    expect(report.notes).toEqual([hit('flows-of-identifier=16', '1,984 times')]);
  });

  test('on subscriptions: a topic may match one that was forgotten', () => {
    const { net, m, open } = scene(4);
    const talk = open();
    for (const number of many(66, id => id)) {
      talk
        .client(
          m.subscribe(
            number,
            many(1_000, place => `${number}/${place}`),
          ),
        )
        .server(m.suback(number, Array(1_000).fill(0)));
    }
    talk.server(m.publish({ topic: '1/1' }), m.publish({ topic: '66/900' }), m.publish({ topic: 'never', qos: 1 }));
    talk.client(m.puback());
    const { broken, report } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(report.notes).toEqual([hit('subscriptions=65536', '464 times')]);
  });

  test('on what is compared with topics: a topic may match what was not', () => {
    const { net, m, open } = scene(5);
    const levels = '+/'.repeat(2_000);
    const filters = many(30, number => `${levels}${number}`);
    const talk = open();
    for (const id of many(34, number => number)) {
      talk
        .send(
          'client',
          [
            m.subscribe(
              id,
              filters.map(filter => `${filter}/${id}`),
            ),
          ],
          SEGMENT,
        )
        .server(m.suback(id, Array(30).fill(0)));
    }
    talk.together(
      'server',
      many(30, number => m.publish({ topic: `${number}` })),
    );
    const { findings, broken, report } = judgeNet(net);
    // Before the bound: that they match nothing is said.
    expect(new Set(findings.map(({ ruleId }) => ruleId))).toEqual(new Set(['mqtt/topic-not-subscribed']));
    expect(broken).toHaveLength(16);
    expect(report.notes).toEqual([hit('compared-characters=67108864', '14 times')]);
  });

  test('none is needed for long Client Identifiers of one length, which are told apart', () => {
    const { net, open, kept } = scene(4);
    const long = 'i'.repeat(20_000);
    for (const clientId of [`${long}1`, `${long}2`]) open({ ...kept(), clientId }).close('client');
    open({ ...kept(), clientId: `${long}3` });
    open({ ...kept(), clientId: `${long}1` }, present);
    const { broken, report } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(report.notes).toEqual([]);
  });

  test('on Subscription Identifiers of one filter', () => {
    const { net, m, open } = scene(5);
    const talk = open();
    for (const id of many(100, number => number)) {
      talk.client(m.subscribe(id, ['a'], [[SUBSCRIPTION_IDENTIFIER, id]])).server(m.suback(id, [0]));
    }
    talk.server(m.publish({ topic: 'a', properties: [[SUBSCRIPTION_IDENTIFIER, 100]] }));
    const { broken, report } = judgeNet(net);
    expect(broken).toEqual([]);
    expect(report.notes).toEqual([hit('subscription-ids=64', '36 times')]);
  });

  test('on aliases that were set before their maximum was known', () => {
    const { net, m, connect } = scene(5);
    const alias = (number: number) => [[TOPIC_ALIAS, number]] as const;
    connect()
      .together(
        'client',
        many(1_100, number => m.publish({ properties: alias(number) })),
      )
      .server(m.connack(0, { properties: [[TOPIC_ALIAS_MAXIMUM, 65_535]] }))
      .client(m.publish({ topic: '', properties: alias(7) }), m.publish({ topic: '', properties: alias(1_099) }));
    expect(judgeNet(net).broken).toEqual([]);
  });

  test('on filters of one packet', () => {
    const { net, m, open } = scene(4);
    open()
      .send('client', [m.subscribe(1, Array(70_000).fill('a'))], SEGMENT)
      .send('server', [m.suback(1, Array(70_000).fill(0))], SEGMENT);
    expect(judgeNet(net).broken).toEqual([]);
  });
});

describe('large numbers that break nothing', () => {
  test('all identifiers in flight at once', () => {
    const { net, m, open } = scene(4);
    open()
      .send('client', [concat(...many(65_535, id => m.publish({ qos: 1, id })))], SEGMENT)
      .send('server', [concat(...many(65_535, id => m.puback(id)))], SEGMENT);
    const { broken, report, verdicts } = judgeNet(net);
    expect([broken, report.notes, verdicts]).toEqual([[], [], ['conformant']]);
  });

  test('properties, aliases and topics', () => {
    const { net, m, open } = scene(5);
    const ids = many(2_000, number => [SUBSCRIPTION_IDENTIFIER, number] as const);
    const talk = open({}, { properties: [[TOPIC_ALIAS_MAXIMUM, 65_535]] });
    talk.together(
      'client',
      many(3_000, number => m.publish({ topic: `t${number}`, properties: [[TOPIC_ALIAS, number]] })),
    );
    talk.together(
      'client',
      many(3_000, number => m.publish({ topic: '', properties: [[TOPIC_ALIAS, number]] })),
    );
    talk.client(m.publish({ properties: many(3_000, number => [USER_PROPERTY, ['n', `${number}`]] as const) }));
    talk.client(m.subscribe(1, ['#'], [ids[0]])).server(m.suback(1, [0]));
    talk.together(
      'server',
      many(3_000, number => m.publish({ topic: `t${number}`, properties: [ids[0]] })),
    );
    const { broken, verdicts } = judgeNet(net);
    expect([broken, verdicts]).toEqual([[], ['conformant']]);
  });

  test('one client that comes a thousand times', () => {
    const { net, m, open, kept } = scene(5);
    open(kept())
      .client(m.publish({ qos: 1 }))
      .reset('client');
    for (const _ of many(1_000, number => number)) {
      open(kept(), present)
        .client(m.publish({ qos: 1, dup: true }))
        .reset('client');
    }
    expect(judgeNet(net).broken).toEqual([]);
  });
});

/** What comes first on a mapped port. */
function firstBytes(client: Uint8Array, server: Uint8Array) {
  const { net, tcp } = scene(4);
  tcp().client(client).server(server).close('client');
  return judgeNet(net, { mapped: true });
}

describe('another carrier on a mapped port breaks nothing, and nothing is known of it', () => {
  const HELLO = hex('16 03 01 00 05 01 00 00 01 00 ff ff ff ff ff 00 00');
  const rows = [
    ['TLS', HELLO, hex('16 03 03 00 02 02 00 15 03 03 00 02 01 00')],
    [
      'HTTP',
      Buffer.from('GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'),
      Buffer.from('HTTP/1.1 101 Switching\r\n\r\n'),
    ],
  ] as const;

  test.each(rows)('%s', (_, client, server) => {
    const { broken, verdicts } = firstBytes(client, server);
    expect(broken).toEqual([]);
    expect(verdicts).toEqual(['inconclusive']);
  });
});

describe('a PROXY protocol header is skipped', () => {
  const v1 = Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 56324 1883\r\n');
  const v2 = concat(hex('0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 21 11 00 0c'), hex('c0000201 c0000202 dc04 075b'));
  const local = hex('0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a 20 00 00 00');

  test.each([
    ['version 1', v1],
    ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n')],
    ['version 2', v2],
    ['version 2, local', local],
  ])('%s', (_, header) => {
    for (const cut of [1, 7, 1_000]) {
      for (const mapped of [false, true]) {
        const { net, m, tcp } = scene(5);
        tcp()
          .send('client', [concat(header, m.connect())], { cut })
          .server(m.connack())
          .client(m.publish({ topic: 'a/#' }));
        const { broken, report } = judgeNet(net, { mapped });
        expect(broken.map(finding => finding.split(' ')[0])).toEqual(['topic-wildcard']);
        expect(report.summary.messages).toBe(3);
      }
    }
  });
});

describe('any bytes at all', () => {
  const pieces = fc.array(
    fc.tuple(fc.constantFrom('client', 'server'), fc.uint8Array({ minLength: 1, maxLength: 60 })),
    {
      maxLength: 12,
    },
  );
  const told = (talk: MqttConnection, said: readonly (readonly ['client' | 'server', Uint8Array])[]) => {
    for (const [side, bytes] of said) talk.send(side, [bytes]);
    talk.close('client');
  };

  test('are read on a mapped port', () => {
    fc.assert(
      fc.property(pieces, said => {
        const { net, tcp } = scene(4);
        told(tcp(), said as readonly ['client' | 'server', Uint8Array][]);
        judgeNet(net, { mapped: true });
      }),
      { numRuns: casesOf(300) },
    );
  });

  test('are read behind a CONNECT and its CONNACK', () => {
    fc.assert(
      fc.property(pieces, fc.constantFrom(3, 4, 5), (said, level) => {
        const { net, open } = scene(level as 3 | 4 | 5);
        told(open(), said as readonly ['client' | 'server', Uint8Array][]);
        judgeNet(net);
      }),
      { numRuns: casesOf(300) },
    );
  });

  test('are read in place of some of a conversation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FORM),
        fc.nat(5_000),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        (one, at, bytes) => {
          const { net, m, open } = scene(one.level);
          const packets = [
            m.publish({ qos: 2, payload: 'xyz' }),
            m.subscribe(2, ['a/#']),
            m.pubrel(1),
            m.disconnect(0),
          ];
          const all = concat(...packets);
          all.set(bytes.subarray(0, Math.max(0, all.length - (at % all.length))), at % all.length);
          open().client(all).server(all).close('client');
          judgeNet(net);
        },
      ),
      { numRuns: casesOf(300) },
    );
  });
});
