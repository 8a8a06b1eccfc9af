/**
 * Random MNET conversations with at most one fault, and what the catalogue demands of an observer: the rules and frames
 * of their findings of warning and error, exactly. A seed gives the same conversation always.
 */
import { type BrokenRule, between, type JudgeOptions, type Line, parties, START, type Tags } from '../../kit/mnet.ts';
import { Dice } from './dice.ts';
import { cookieMac, cookieUnsolicited, FAULTS, FAULTS_OF_BYTES } from './random-faults.ts';
import { COOKIE, COOKIE_ECHO, DATA, INIT, typeOf, uint24At } from './random-messages.ts';
import { type Fault, Pair, World } from './random-world.ts';

export interface RandomConversation {
  readonly lines: readonly Line[];
  readonly expected: readonly BrokenRule[];
  readonly options: JudgeOptions;
  /** What was to go wrong, and whether there was an opportunity. */
  readonly fault: string | undefined;
  readonly faulty: boolean;
  /** In words, for reading a failure. */
  readonly description: string;
}

const TAGS: readonly Tags[] = ['initiator', 'receiver', 'sender'];
const LISTENER = '10.0.0.2:26999';
const COOKIE_KEY = '00112233445566778899aabbccddeeff';
/** Beyond what a silent end is given to answer, in ms. */
const TAIL = 5_500;
/** Nothing may wait so long by mere chance, and how long what is open gets to end. */
const PATIENCE = 4_800;
const DRAIN = 2_500;

interface Plan {
  readonly dice: Dice;
  readonly world: World;
  readonly fault: Fault | undefined;
  readonly options: JudgeOptions;
  readonly cut: boolean;
  readonly wraps: boolean;
}

export function randomConversation(seed: number): RandomConversation {
  const dice = new Dice(seed);
  if (dice.chance(0.03)) return tagsNotRandom(dice);
  const plan = planned(dice, seed);
  const { world, fault } = plan;
  const needsTwo = fault?.name === 'init-tag-reused' || fault?.name === 'echo-address';
  const ports = !plan.wraps && (needsTwo || dice.chance(0.3)) ? 2 : 1;
  if (fault?.first) {
    const { line, rule } = fault.first(dice);
    world.lines.push({ ...line, connector: '10.0.0.1:5000', listener: LISTENER });
    world.expect(rule, 1);
    world.faulty = true;
    world.now = 1 + dice.roll(50);
  }
  // With more of them, what is late could belong to one whose beginning was cut away.
  const most = plan.wraps ? 1 : plan.cut ? 2 : 3;
  for (let port = 0; port < ports; port++) {
    world.at(
      port === 0 ? 0 : dice.roll(800),
      () => new Pair(world, `10.0.0.1:${5000 + port}`, LISTENER, 1 + dice.roll(most)),
    );
  }
  const duration = 300 + dice.roll(3700);
  const pause = dice.roll(duration);
  world.runUntil(pause);
  const still = world.pairs.every(({ connections }) => connections.length === 1 && connections[0].quiet);
  if (still && world.pairs.length === ports && !world.faulty && !plan.cut && dice.chance(0.3)) {
    world.silence(1000 * (6 + dice.roll(4000)));
  }
  world.runUntil(world.now + duration - pause);
  finish(plan, duration);
  return cutOrWhole(plan);
}

function planned(dice: Dice, seed: number): Plan {
  const cut = dice.chance(0.2);
  const wraps = cut && dice.chance(0.5);
  const special = dice.roll(30);
  // Of a conversation whose beginning is cut away nobody says that it is complete.
  let options: JudgeOptions = { mapped: true, capture: cut ? 'auto' : 'complete' };
  let fault: Fault | undefined;
  let cookieKey: string | undefined;
  if (dice.chance(0.8)) fault = dice.pick(cut ? FAULTS_OF_BYTES : FAULTS);
  if (!cut && special === 0) {
    fault = cookieUnsolicited;
    options = { ...options, midstream: 'never' };
  } else if (!cut && special === 1) {
    fault = dice.chance(0.8) ? cookieMac : undefined;
    cookieKey = COOKIE_KEY;
    options = { ...options, dialect: { cookieMac: 'spec', cookieKey } };
  }
  const terms = { order: dice.pick(['little', 'big'] as const), tags: dice.pick(TAGS) };
  // The capture's clock beside the listener's: as a rule the same; ahead so far that each cookie shows it; or behind.
  const clock = fault || cut || dice.chance(0.7) ? 0 : dice.pick([9.5, 30, 1000, -3, -20]);
  const streamStart = wraps ? 0x1_0000_0000 - dice.roll(2000) : 0;
  const world = new World(seed ^ 0x5bd1e995, { terms, clock, cookieKey, fault, streamStart });
  return { dice, world, fault, options, cut, wraps };
}

/**
 * What is open comes to its end, and after a silence somebody else is seen: a side that still waits has waited in vain.
 */
function finish({ dice, world, fault, cut }: Plan, duration: number): void {
  const tail = dice.chance(0.6);
  const left = world.faulty ? fault?.waiting?.(world) : undefined;
  if (left) {
    world.silence(TAIL);
    world.expect(left.rule, left.frame);
    stranger(world);
    return;
  }
  if (!tail || cut || (world.faulty && fault?.waiting)) return;
  world.draining = true;
  world.runUntil(world.now + Math.min(DRAIN, PATIENCE - duration));
  const waits = world.pairs.some(({ connections }) => connections.some(one => one.waits));
  if (waits) return;
  world.silence(TAIL + dice.roll(5_000));
  stranger(world);
}

/** Time passes: another client knocks, and is refused. */
function stranger(world: World): void {
  const { C, L } = parties({ ...world.options.terms, initTag: world.newTag() });
  const pair = { connector: '10.0.9.9:7000', listener: LISTENER } as Pair;
  const init = C.init();
  world.see(init, pair);
  world.now += 10;
  world.see(L.abort({ tag: (init.bytes[6] << 16) | (init.bytes[7] << 8) | init.bytes[8] }), pair);
}

function cutOrWhole({ dice, world, fault, options, cut, wraps }: Plan): RandomConversation {
  const { lines, expected } = world;
  const clocks = clockFindings(world);
  let from = 0;
  if (wraps) from = lines.findIndex(line => typeOf(line) === DATA && line.bytes.length > 14);
  else if (cut) from = 1 + dice.roll(Math.max(1, lines.length - 1));
  if (from < 0) from = lines.length;
  // Nothing would show which INIT a COOKIE answers that follows an INIT of another version.
  if (expected.some(({ rule, frame }) => rule === 'mnet/unsupported-version' && frame === from + 1)) from++;
  if (from > 0 && world.pairs.some(pair => beginsAnew(pair, lines, from) || hidesEcho(pair, lines, from))) from = 0;
  const { terms, clock } = world.options;
  return {
    lines: lines.slice(from),
    expected: [...expected, ...clocks]
      .map(({ rule, frame }) => ({ rule, frame: frame - from }))
      .filter(({ frame }) => frame > 0)
      .sort((a, b) => a.frame - b.frame || (a.rule < b.rule ? -1 : 1)),
    options,
    fault: fault?.name,
    faulty: world.faulty,
    description: JSON.stringify({ fault: fault?.name, faulty: world.faulty, ...terms, clock, cut: from, wraps }),
  };
}

/** A pair begins with an INIT, and another connection began before: nobody could tell its late messages from wrong ones. */
function beginsAnew({ connector }: Pair, lines: readonly Line[], from: number): boolean {
  const own = lines.map((line, index) => ({ line, index })).filter(({ line }) => line.connector === connector);
  const first = own.find(({ index }) => index >= from)?.line;
  if (!first || typeOf(first) !== INIT) return false;
  const tag = uint24At(first.bytes, 6);
  return own.some(({ line, index }) => index < from && typeOf(line) === INIT && uint24At(line.bytes, 6) !== tag);
}

/** A pair begins with a late INIT, its echo was cut away, and nobody says anything any more that would show that there was one. */
function hidesEcho({ connector }: Pair, lines: readonly Line[], from: number): boolean {
  const isOwn = (line: Line) => line.connector === connector;
  const seen = lines.slice(from).filter(isOwn);
  const hidden = lines.slice(0, from).some(line => isOwn(line) && typeOf(line) === COOKIE_ECHO);
  const shows = (line: Line) => typeOf(line) === COOKIE_ECHO || (line.from === 'listener' && typeOf(line) !== COOKIE);
  return hidden && seen.length > 0 && typeOf(seen[0]) === INIT && !seen.some(shows);
}

/** The cookies that the listener issues look expired where the capture's clock is ahead of the listener's. */
function clockFindings(world: World): BrokenRule[] {
  const { clock, terms } = world.options;
  if (clock <= 0) return [];
  const seen = new Set<string>();
  const findings: BrokenRule[] = [];
  let seconds = START;
  for (const [index, line] of world.lines.entries()) {
    seconds += line.after ?? 0;
    if (typeOf(line) !== COOKIE || line.from !== 'listener') continue;
    const key = `${line.connector} ${Buffer.from(line.bytes).toString('hex')}`;
    const expiration = new DataView(line.bytes.buffer, line.bytes.byteOffset).getUint32(8, terms.order === 'little');
    if (!seen.has(key) && expiration < seconds - 2) findings.push({ rule: 'mnet/cookie-expired', frame: index + 1 });
    seen.add(key);
  }
  return findings;
}

/** One host makes its tags by a rule: the eighth shows it, or a later one. */
function tagsNotRandom(dice: Dice): RandomConversation {
  const count = 8 + dice.roll(6);
  const culprit = dice.pick(['connector', 'listener'] as const);
  const step = 1 + dice.roll(0x1_0000);
  const few = Array.from({ length: 2 + dice.roll(3) }, () => dice.roll(0x100_0000));
  const start = dice.roll(0x100_0000);
  const steps = dice.chance(0.5);
  const bad = (i: number) => (steps ? (start + i * step) & 0xff_ffff : few[i % few.length]);
  const terms = { order: dice.pick(['little', 'big'] as const), tags: dice.pick(TAGS) };
  const lines: Line[] = [];
  const made: number[] = [];
  let shown: number | undefined;
  for (let i = 0; i < count; i++) {
    const random = dice.roll(0x100_0000);
    const initTag = culprit === 'connector' ? bad(i) : random;
    const listenerTag = culprit === 'listener' ? bad(i) : random;
    const { C, L } = parties({ ...terms, initTag, listenerTag });
    const connection = [C.init(), L.cookie(), C.echo(), L.cookieAck(), C.data(0, 10), C.abort()];
    made.push(culprit === 'connector' ? initTag : listenerTag);
    if (shown === undefined && notRandom(made)) shown = lines.length + (culprit === 'connector' ? 1 : 2);
    lines.push(...between(`10.0.0.1:${5000 + i}`, LISTENER, connection));
  }
  return {
    lines,
    expected: shown === undefined ? [] : [{ rule: 'mnet/tag-not-random', frame: shown }],
    options: { mapped: true, capture: 'complete' },
    fault: 'tag-not-random',
    faulty: shown !== undefined,
    description: JSON.stringify({ fault: 'tag-not-random', culprit, steps, count, ...terms }),
  };
}

function notRandom(tags: readonly number[]): boolean {
  if (tags.length < 8) return false;
  const step = (tags[1] - tags[0]) & 0xff_ffff;
  const constant = tags.every((tag, i) => i === 0 || ((tag - tags[i - 1]) & 0xff_ffff) === step);
  return constant || new Set(tags).size * 2 < tags.length;
}
