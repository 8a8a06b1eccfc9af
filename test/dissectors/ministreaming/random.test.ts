/**
 * Random sessions with one injected fault, judged by the engine and by a second reading of the catalogue (law.ts): the
 * same, exactly. `RANDOM_CONVERSATIONS=10000` takes more of them, `RANDOM_SEED=17` begins at that one; failures are
 * printed with its seed.
 */
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../../src/protocol/limits.ts';
import { type JudgeOptions, judgeSegments } from '../../kit/ministreaming.ts';
import { type Carrier, carried } from './carried.ts';
import { Dice } from './dice.ts';
import type { Dialect, Said } from './law.ts';
import { type Conversation, INJECTED, randomConversation } from './random-conversations.ts';
import { other } from './random-session.ts';

const COUNT = Number(process.env.RANDOM_CONVERSATIONS ?? 200);
const FIRST = Number(process.env.RANDOM_SEED ?? 1);
const SEEDS = Array.from({ length: COUNT }, (_, index) => FIRST + index);
/** Each rule is injected in all of them; to judge the same in another way a third will do, where nobody has asked for more. */
const FEWER = process.env.RANDOM_CONVERSATIONS ? SEEDS : SEEDS.slice(0, Math.ceil(COUNT / 3));
/** Of a run that somebody has asked for by a number. */
const TIMEOUT = 3_600_000;

const CARRIERS = ['udp', 'udp', 'length16', 'length32'] as const;
const carrierOf = (seed: number): Carrier => CARRIERS[(seed >>> 3) % CARRIERS.length];
/** Every eighth breaks nothing. */
const ruleOf = (seed: number) => (seed % 8 === 0 ? undefined : INJECTED[seed % INJECTED.length]);
/** The first of them, made once for all that judge them. */
const REMEMBERED = 100;
const made = new Map<number, Conversation>();
function faulty(seed: number): Conversation {
  const conversation = made.get(seed) ?? randomConversation(seed, { rule: ruleOf(seed) });
  if (seed - FIRST < REMEMBERED) made.set(seed, conversation);
  return conversation;
}
const isInfo = (finding: string) => finding.startsWith('data-crossing-close');

const settled = ({ key, chaff, answerTimeout }: Dialect, carrier: Carrier) => ({
  key,
  chaff,
  answerTimeout: `${answerTimeout / 1000}s`,
  framing: carrier === 'udp' ? 'none' : carrier,
});

/** What the engine finds, with the index of the message in place of its frame. */
function found(
  { said, dialect }: Conversation,
  carrier: Carrier,
  options: JudgeOptions & { readonly handshake?: boolean; readonly seed: number },
): string[] {
  const capture = carried(said, carrier, new Dice(options.seed), options.handshake);
  const { findings, report } = judgeSegments(capture.frames, { ...options, dialect: settled(dialect, carrier) });
  if (report.summary.messages === 0) return ['nothing'];
  return findings.map(({ ruleId, frame, connection }) => {
    const indices = capture.frameOf.flatMap((number, index) => (number === frame ? [index] : []));
    return `${ruleId.replace('ministreaming/', '')} ${indices.length === 1 ? indices[0] : `${indices} of ${connection}`}`;
  });
}

/** Findings of which each is the one at some place among those of a segment with several messages. */
const isAt = (one: string, other: string) => {
  const [[rule, index], [otherRule, places]] = [one.split(' '), other.split(' ')];
  return rule === otherRule && places.split(',').includes(index);
};

function differences(findings: readonly string[], demanded: readonly string[], allowed: readonly string[]): string[] {
  const rest = [...findings];
  const missing = demanded.filter(wanted => {
    const place = rest.findIndex(one => isAt(wanted, one));
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
  const surplus = rest.filter(one => !allowed.some(may => isAt(may, one)));
  return [...missing.map(one => `missing ${one}`), ...surplus.map(one => `false ${one}`)];
}

/** Is a SYN answered among the datagrams that are kept while nobody knows what they are? */
function isAnsweredSoon({ said }: Conversation): boolean {
  const first = said.slice(0, DEFAULT_LIMITS['candidate-datagrams']);
  const idOf = (bytes: Uint8Array) => bytes.slice(1, 4).join();
  return first.some((answer, index) => {
    const [type] = answer.bytes;
    if (type !== 0x52 && !(type === 0x51 && answer.bytes.length === 7)) return false;
    return first.slice(0, index).some(({ from, bytes }) => {
      return from !== answer.from && bytes[0] === 0xa1 && bytes.length > 4 && idOf(bytes) === idOf(answer.bytes);
    });
  });
}

describe('two ends with many connections in both roles, observed anywhere, one fault', () => {
  test(
    'are judged as the law says where the capture is complete',
    () => {
      const wrong: string[] = [];
      const hits = new Map<string, number>();
      for (const seed of SEEDS) {
        const rule = ruleOf(seed);
        const conversation = faulty(seed);
        const { fault, judgement } = conversation;
        if (rule && fault) hits.set(rule, (hits.get(rule) ?? 0) + 1);
        const errors = judgement.demanded.filter(one => !isInfo(one));
        if (errors.join() !== (fault ?? '')) wrong.push(`seed ${seed}: injected ${fault}, the law says ${errors}`);
        const options = { capture: 'complete', seed } as const;
        const off = differences(found(conversation, carrierOf(seed), options), judgement.demanded, judgement.allowed);
        if (off.length > 0) wrong.push(`seed ${seed} (${fault}, ${carrierOf(seed)}): ${off.join(', ')}`);
      }
      expect(wrong).toEqual([]);
      if (COUNT >= 200) expect(INJECTED.filter(rule => !hits.has(rule))).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    'without a port mapping, too, once it is recognised',
    () => {
      const wrong: string[] = [];
      let recognised = 0;
      for (const seed of FEWER) {
        const conversation = faulty(seed);
        const { fault, judgement } = conversation;
        if (!isAnsweredSoon(conversation)) continue;
        const findings = found(conversation, 'udp', { capture: 'complete', mapped: false, seed });
        recognised++;
        const off = differences(findings, judgement.demanded, judgement.allowed);
        if (off.length > 0) wrong.push(`seed ${seed} (${fault}): ${off.join(', ')}`);
      }
      expect(wrong).toEqual([]);
      expect(recognised).toBeGreaterThan(FEWER.length * 0.5);
    },
    TIMEOUT,
  );

  test(
    'in a capture that is presumed complete: nothing else, and what rests on something unseen may be held back',
    () => {
      const wrong: string[] = [];
      let excused = 0;
      for (const seed of FEWER) {
        const conversation = faulty(seed);
        const { fault, judgement } = conversation;
        const off = differences(found(conversation, carrierOf(seed), { seed }), judgement.demanded, judgement.allowed);
        const held = off.filter(one => UNSEEN.test(one));
        if (off.length > held.length) wrong.push(`seed ${seed} (${fault}): ${off.join(', ')}`);
        excused += held.length;
      }
      expect(wrong).toEqual([]);
      expect(excused).toBeLessThan(FEWER.length * 0.1);
    },
    TIMEOUT,
  );
});

/** What a missed message would explain (missed.test.ts): of what was seen, too, where both ends go on from it. */
const UNSEEN =
  /^missing (own-id|close-duplicate|data-after-close|syn-id-in-use|ack-after-close|wrong-direction|ack-unexpected|data-unknown-id|close-unknown-id|data-before-ack|syn-unanswered) /;

describe('taken up midstream', () => {
  const BYTES =
    /^(truncated-header|unknown-type|reserved-(type|id)|syn-(missing-key|key-format)|ack-length|close-payload) /;

  test(
    'what rests on bytes is found, and nothing is that the whole does not show',
    () => {
      const wrong: string[] = [];
      for (const seed of FEWER) {
        const rule = ruleOf(seed);
        // A second connection under an id of which the first was not seen is taken for the only one.
        if (rule?.endsWith('id-in-use')) continue;
        const whole = randomConversation(seed, { rule, idsAreRandom: true });
        let from = new Dice(seed).below(whole.said.length);
        // A SYN would count as the first, and chaff as nothing.
        while ([0xa1, 0xff].includes(whole.said[from]?.bytes[0] ?? 0)) from++;
        const late = { ...whole, said: whole.said.slice(from) };
        if (late.said.length === 0) continue;
        const moved = (list: readonly string[]) =>
          list
            .map(one => one.split(' '))
            .filter(([, index]) => Number(index) >= from)
            .map(([rule, index]) => `${rule} ${Number(index) - from}`);
        const [demanded, allowed] = [moved(whole.judgement.demanded), moved(whole.judgement.allowed)];
        const findings = found(late, 'udp', { seed });
        const off = differences(
          findings,
          demanded.filter(one => BYTES.test(one)),
          [...demanded, ...allowed, 'unknown-session 0'],
        );
        if (off.length > 0) wrong.push(`seed ${seed} from ${from} (${whole.fault}): ${off.join(', ')}`);
      }
      expect(wrong).toEqual([]);
    },
    TIMEOUT,
  );
});

describe('one message was not captured, and nobody counted it', () => {
  /** Does the client of the connection that this message opens, or is part of, ever use its server id? */
  const isShown = (said: readonly Said[], lost: Said) => {
    const idOf = ({ bytes }: Said, at = 1) => bytes.slice(at, at + 3).join();
    const [type] = lost.bytes;
    if (type === 0xa0 || type === 0xa2 || type === 0x50) return true;
    const client = type === 0xa1 ? lost.from : other(lost.from);
    const isServers = (one: Said, type: number) =>
      one.bytes[0] === type && one.from !== client && idOf(one) === idOf(lost);
    const ack = said.find(one => isServers(one, 0x51));
    if (!ack || type === 0x52) return ack !== undefined;
    const use = said.find(
      one => one.from === client && [0xa0, 0xa2].includes(one.bytes[0]) && idOf(one) === idOf(ack, 4),
    );
    const close = said.find(one => isServers(one, 0x52));
    return use !== undefined && (close === undefined || said.indexOf(use) < said.indexOf(close));
  };

  // Else nobody can tell: a SYN that was refused, and an ACK that was never made use of, look without their other half as
  // if there had been none, and a CLOSE behind a missed ACK looks like the refusal.
  test(
    'nobody is accused where the client of the connection has made use of it before its server closed',
    () => {
      const wrong: string[] = [];
      let captures = 0;
      for (const seed of FEWER) {
        const whole = randomConversation(seed, { idsAreRandom: true, dialect: { answerTimeout: 90_000 } });
        const dice = new Dice(seed);
        for (let i = 0; i < 4; i++) {
          const lost = dice.below(whole.said.length);
          if (!isShown(whole.said, whole.said[lost])) continue;
          captures++;
          const left = { ...whole, said: whole.said.filter((_, index) => index !== lost) };
          const accused = found(left, 'udp', { seed }).filter(
            one => !isInfo(one) && !one.startsWith('unknown-session'),
          );
          if (accused.length > 0) wrong.push(`seed ${seed} without ${lost}: ${accused.join(', ')}`);
        }
      }
      expect(captures).toBeGreaterThan(FEWER.length);
      expect(wrong).toEqual([]);
    },
    TIMEOUT,
  );
});
