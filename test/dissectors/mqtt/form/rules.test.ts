import { expect, test } from 'vitest';
import { LAYOUTS } from '../../../../dissectors/mqtt/layouts.ts';
import { PROPERTY } from '../../../../dissectors/mqtt/terms.ts';
import { clausesOf } from '../../../../src/lint/clause.ts';
import { INCONCLUSIVE, PASS, SKIP } from '../../../../src/lint/rule.ts';
import { rulesProblems } from '../../../../src/protocol/contract-rules.ts';
import { UNKNOWN_MESSAGE } from '../../../../src/protocol/protocol.ts';
import { mqtt } from '../../../kit/mqtt.ts';
import { BROKEN_CASES, RIGHT_CASES } from './cases.ts';
import { formedOf, judge, RULES, rulesFor, unhex } from './reading.ts';

const v5 = mqtt(5);
const v311 = mqtt(4);
const v31 = mqtt(3);

test.each(BROKEN_CASES)('%s, level %i', (_, level, packet, from, broken) => {
  expect(judge(formedOf(packet, level, from === 'client'))).toEqual([broken]);
});

test.each(RIGHT_CASES)('%s, level %i, breaks nothing', (_, level, packet, from) => {
  expect(judge(formedOf(packet, level, from === 'client'))).toEqual([]);
});

/** Rule and edition, as far as a rule has editions; of 5.0 the state machine judges directions alone. */
function editions(): string[] {
  const wanted = RULES.flatMap(rule => clausesOf(rule).map(({ edition = 'any' }) => `${rule.id} ${edition}`));
  return wanted.filter(name => name !== 'mqtt/wrong-direction 5.0');
}

test('each rule is broken in each version that makes its demand', () => {
  const broken = BROKEN_CASES.map(([, level, packet, from, words]) => {
    const id = `mqtt/${words.split(' ')[0]}`;
    const rule = RULES.find(known => known.id === id)!;
    const edition = rule.editionHere?.(formedOf(packet, level, from === 'client'));
    return `${id} ${edition ?? (rule.id === 'mqtt/unknown-version' ? (level === 5 ? '5.0' : '3.1.1') : 'any')}`;
  });
  expect(editions().filter(wanted => !broken.includes(wanted))).toEqual([]);
});

test('each rule is kept by some packet in each version that makes its demand', () => {
  const kept = new Set<string>();
  for (const [, level, packet, from] of RIGHT_CASES) {
    const formed = formedOf(packet, level, from === 'client');
    for (const rule of rulesFor(formed)) {
      if (rule.check!(formed) !== PASS) continue;
      const edition = formed.packet.level === 5 ? '5.0' : '3.1.1';
      kept.add(`${rule.id} ${rule.editionHere ? edition : 'any'}`);
    }
  }
  expect(editions().filter(wanted => !kept.has(wanted))).toEqual([]);
});

test('a rule that the version does not have is not asked there', () => {
  const only = (id: string) => RULES.find(rule => rule.id === id)!;
  const publish = formedOf(v311.publish({ topic: 'a' }), 4, true);
  for (const id of ['varint-not-minimal', 'property-length', 'subscription-id-from-client', 'topic-alias-zero']) {
    expect(only(`mqtt/${id}`).check!(publish)).toBe(SKIP);
  }
  const connect = formedOf(v5.connect({ clientId: '', clean: false, password: 'p' }), 5, true);
  for (const id of ['client-id-empty', 'password-without-username']) {
    expect(only(`mqtt/${id}`).check!(connect)).toBe(SKIP);
  }
  const old = formedOf(v31.connect(), 3, true);
  for (const id of ['header-flags', 'utf8', 'utf8-null', 'utf8-control', 'connect-reserved-flag', 'will-flags']) {
    expect(only(`mqtt/${id}`).check!(old)).toBe(SKIP);
  }
});

test('a CONNECT of MQTT 3.1 is remarked and else judged by what holds there', () => {
  const flags = v31.connect({ clientId: '', clean: false, flags: 0x39 });
  expect(judge(formedOf(flags, 3, true))).toEqual(['legacy-version 10+1']);
  const announced = v31.connect({ flags: 0xc2 });
  expect(judge(formedOf(announced, 3, true))).toEqual(['legacy-version 10+1']);
});

test('a packet that breaks two rules is reported for the more telling one', () => {
  const of = (hex: string, level: number, fromClient = true) => judge(formedOf(unhex(hex), level, fromClient));
  // Another protocol name, and a payload that is no CONNECT's.
  expect(of('10 08 00046d717474 04 02', 4)).toEqual(['protocol-name 4+4']);
  // A reserved type that has no length of its own.
  expect(of('0f 02 0000', 5)).toEqual(['reserved-type 0+1']);
  // From the wrong side, with wrong flags.
  expect(of('e1 00', 4, false)).toEqual(['wrong-direction 0+1']);
  // Wrong flags, and a field that is missing.
  expect(of('80 01 00', 4)).toEqual(['header-flags 0+1']);
});

test('what was not captured is not judged', () => {
  const packet = v5.publish({ topic: 'a/b', payload: 'hello', properties: [[PROPERTY.PAYLOAD_FORMAT, 1]] });
  for (let captured = 0; captured < packet.length; captured++) {
    const formed = formedOf(packet, 5, true, captured);
    expect(judge(formed)).toEqual([]);
    expect(rulesFor(formed).some(rule => rule.check!(formed) === INCONCLUSIVE)).toBe(true);
  }
});

test('of a payload that was skipped the head is judged', () => {
  const packet = v5.publish({ topic: 'a/+', payload: 'hello', qos: 1 });
  expect(judge(formedOf(packet, 5, true, packet.length - 3))).toEqual(['topic-wildcard 6+1']);
});

test('statements are cited as the specifications print them', () => {
  const cited = RULES.flatMap(rule => clausesOf(rule).flatMap(({ clause }) => clause.split(', ')));
  for (const clause of cited) expect(clause).toMatch(/^(MQTT-\d\.\d+\.\d+-\d+|§\d[\d.]*\d( and its like)?)$/);
});

test('the rules are documents, and ask for packets that there are', () => {
  const messages = [...LAYOUTS.map(({ name }) => name), UNKNOWN_MESSAGE];
  expect(rulesProblems({ rules: RULES }, 'mqtt', { messages, required: true })).toEqual([]);
});
