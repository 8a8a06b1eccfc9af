/**
 * The conversations that are put under the conditions of the field: those that conform, of real programs (fixtures), of the
 * tests' own scripts, of correct endpoints that dice drive to where the law is hard, and as programs have them (everyday.ts); and
 * those that break a rule each, of the catalogues' tests and of everyday.ts.
 */
import { openCapture } from '../../src/capture/open.ts';
import { CASES as FILESTORAGE_CASES } from '../dissectors/filestorage/cases.ts';
import { CONVERSATIONS as FILESTORAGE_CONVERSATIONS } from '../dissectors/filestorage/conversations.ts';
import { upload } from '../dissectors/filestorage/endpoints.ts';
import { CASES as MINISTREAMING_CASES } from '../dissectors/ministreaming/cases.ts';
import { CONVERSATIONS as MINISTREAMING_CONVERSATIONS } from '../dissectors/ministreaming/conversations.ts';
import { conversation as ministreamingTalk } from '../dissectors/ministreaming/endpoints.ts';
import { CASES as MNET_CASES } from '../dissectors/mnet/cases.ts';
import { conversation as mnetTalk } from '../dissectors/mnet/endpoints.ts';
import * as filestorage from '../kit/filestorage.ts';
import * as ministreaming from '../kit/ministreaming.ts';
import * as mnet from '../kit/mnet.ts';
import { PLAIN, play } from '../kit/replay.ts';
import { capturedFrom } from './captured.ts';
import {
  type Conversation,
  KNOWN,
  LEAST_STEP,
  MAPPED,
  type ProtocolName,
  spread,
  timed,
  written,
} from './conversation.ts';
import { Dice } from './dice.ts';
import { MINISTREAMING_RULES, MNET_RULES, ministreamingSession, mnetSession } from './everyday.ts';
import type { Settings } from './judging.ts';
import { MNET_CONVERSATIONS } from './mnet-conversations.ts';
import { conformingMqtt, faultyMqtt } from './mqtt-conversations.ts';
import { conformingStreams, faultyStreams } from './stream-conversations.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
/** Without it ministreaming is unknown on TCP. */
const FRAMED = { 'ministreaming.framing': 'length16' };

const CAPTURES: readonly (readonly [ProtocolName, name: string, dialect?: Settings['dialect']])[] = [
  ['mnet', 'mnet/echo-small'],
  ['mnet', 'mnet/echo-large'],
  ['mnet', 'mnet/lossy'],
  ['ministreaming', 'ministreaming/2009-both-close-crossing'],
  ['ministreaming', 'ministreaming/2009-both-roles'],
  ['ministreaming', 'ministreaming/2009-data-after-close'],
  ['ministreaming', 'ministreaming/2009-http'],
  ['ministreaming', 'ministreaming/2009-multiplexed'],
  ['ministreaming', 'ministreaming/2009-refused-noaccept'],
  ['ministreaming', 'ministreaming/2009-server-greets-client-closes'],
  ['ministreaming', 'ministreaming/2009-upload-big'],
  ['filestorage', 'filestorage/2019-12-auth', { 'filestorage.idField': 'mid', 'filestorage.token': 'any' }],
  ['filestorage', 'filestorage/2019-12-auth-tcpd', { 'filestorage.idField': 'mid', 'filestorage.token': 'any' }],
  ['filestorage', 'filestorage/2020-01-04-upload'],
  ['filestorage', 'filestorage/2020-01-04-upload-tcpd'],
  ['filestorage', 'filestorage/2020-01-30-upload-twice'],
];

/**
 * Conversations in which nobody is at fault, each with its port mapped and without.
 *
 * @param talks how many the dice drive of each protocol
 * @param share one of so many of the conversations of MQTT's catalogue, which are many
 */
export async function conforming(talks: number, share: number): Promise<Conversation[]> {
  const recorded = await Promise.all(
    CAPTURES.map(async ([protocol, name, dialect = {}]) => {
      const frames = await filestorage.framesOf(await openCapture(`${FIXTURES}${name}.pcap`));
      const packets = spread(capturedFrom(frames), LEAST_STEP);
      const settings = { protocols: KNOWN[protocol], mapped: [], dialect };
      return { protocol, name: `fixture ${name}`, packets, settings };
    }),
  );
  const all = [...recorded, ...scripted(), ...driven(talks), ...everyday(talks)];
  const own = all.flatMap(conversation => {
    const { protocol, name, settings } = conversation;
    const mapped = { ...conversation, name: `${name}, mapped`, settings: { ...settings, mapped: MAPPED[protocol] } };
    // Without its port ministreaming is not known on TCP.
    if (protocol === 'ministreaming, TCP') return [{ ...conversation, name: mapped.name }];
    return [conversation, mapped];
  });
  return [...own, ...(await conformingStreams(talks)), ...(await conformingMqtt(talks, share))];
}

function scripted(): Conversation[] {
  const ofMnet = Object.entries(MNET_CONVERSATIONS).map(([name, lines]) => ofMnetLines(`script ${name}`, lines));
  const ofMinistreaming = MINISTREAMING_CONVERSATIONS.flatMap(([name, lines, ends]) => {
    const datagrams = ofMinistreamingLines(`script ${name}`, lines);
    // At the end of its stream a SYN without an answer is a fault.
    return ends.includes('SYN-SENT') ? [datagrams] : [datagrams, ofMinistreamingStream(`script ${name}`, lines)];
  });
  const ofFilestorage = FILESTORAGE_CONVERSATIONS.map(({ name, lines, options }) => {
    return ofFilestorageLines(`script ${name}`, lines, options);
  });
  return [...ofMnet, ...ofMinistreaming, ...ofFilestorage];
}

function driven(talks: number): Conversation[] {
  const conversations: Conversation[] = [];
  for (let n = 0; n < talks; n++) {
    const dice = new Dice(`talk ${n}`);
    const numbers = dice.numbers(60 + dice.roll(400), 10_000);
    const terms = { order: dice.pick(['little', 'big'] as const), tags: dice.pick(READINGS) };
    const lines = mnetTalk(numbers, [
      { ...terms, initTag: 0xcf742a, listenerTag: 0xb60afb },
      { ...terms, initTag: 0x31c5e7, listenerTag: 0x90d2a4 },
    ]);
    conversations.push(ofMnetLines(`talk ${n} (${terms.order}, ${terms.tags})`, lines));
    const session = ministreamingTalk(numbers);
    conversations.push(ofMinistreamingLines(`talk ${n}`, session));
    if (n % 3 === 0) conversations.push(ofMinistreamingStream(`talk ${n}`, session, []));
    const edition = dice.pick(['2019-12', '2020-01'] as const);
    const files = dice.numbers(1 + dice.roll(4), 2_500);
    const refusals = dice.numbers(3 + dice.roll(5), 2).map(Boolean);
    conversations.push(ofFilestorageLines(`talk ${n} (${edition})`, upload(edition, files, refusals), {}, 500));
  }
  return conversations.filter(({ packets }) => packets.length > 0);
}

function everyday(talks: number): Conversation[] {
  return Array.from({ length: talks }, (_, n) => {
    const name = `day ${n}`;
    const session = ministreamingSession(new Dice(`ministreaming ${name}`));
    return [
      ofMnetLines(name, mnetSession(new Dice(`mnet ${name}`)).lines),
      ofMinistreamingLines(name, session.lines),
      ofMinistreamingStream(name, session.lines),
    ].slice(0, n % 3 === 0 ? 3 : 2);
  }).flat();
}

/** The same with a fault each; `frame` is where it lies. */
export function faultyDays(): (Conversation & { readonly rule: string; readonly frame: number })[] {
  const ofMnet = MNET_RULES.map(rule => {
    const { lines, frame = 0 } = mnetSession(new Dice(`mnet with ${rule}`), rule);
    return { ...ofMnetLines(`day with ${rule}`, lines, { mapped: true }), rule: `mnet/${rule}`, frame };
  });
  const ofMinistreaming = MINISTREAMING_RULES.map(rule => {
    const { lines, frame = 0 } = ministreamingSession(new Dice(`ministreaming with ${rule}`), rule);
    const conversation = ofMinistreamingLines(`day with ${rule}`, lines, { mapped: true });
    return { ...conversation, rule: `ministreaming/${rule}`, frame };
  });
  return [...ofMnet, ...ofMinistreaming];
}

const READINGS = ['initiator', 'receiver', 'sender'] as const;

/**
 * Conversations that break a rule each: presumed complete, and known to be.
 *
 * @param share one of so many of those that MQTT's dice drive
 */
export async function faulty(share: number): Promise<Conversation[]> {
  const ofMnet = MNET_CASES.map(({ rule, conversation, options }) => ofMnetLines(rule, conversation, options));
  const ofMinistreaming = MINISTREAMING_CASES.flatMap(([what, lines, , , options]) => {
    const stream = ofMinistreamingStream(what, lines, [], options);
    return [ofMinistreamingLines(what, lines, { mapped: true, ...options }), stream];
  });
  const ofFilestorage = FILESTORAGE_CASES.map(({ rule, conversation, options }) => {
    return ofFilestorageLines(rule, conversation, options);
  });
  const own = [...ofMnet, ...ofMinistreaming, ...ofFilestorage, ...faultyDays()];
  return [...own, ...faultyStreams(), ...(await faultyMqtt(share))].flatMap(conversation => {
    const { name, settings } = conversation;
    return [
      conversation,
      { ...conversation, name: `${name}, complete`, settings: { ...settings, capture: 'complete' } },
    ];
  });
}

function ofMnetLines(name: string, lines: readonly mnet.Line[], options: mnet.JudgeOptions = {}): Conversation {
  const frames = lines.map(line => ({ ...mnet.frameBytes(line), after: line.after }));
  const settings = settingsOf('mnet', 'mnet', options);
  return { protocol: 'mnet', name, packets: timed(frames, mnet.START), settings };
}

function ofMinistreamingLines(
  name: string,
  lines: readonly ministreaming.Line[],
  options: ministreaming.JudgeOptions = {},
): Conversation {
  const frames = lines.map(line => ({ ...ministreaming.frameBytes(line), after: line.after }));
  const settings = settingsOf('ministreaming', 'ministreaming', { ...options, severities: prefixed(options) });
  return { protocol: 'ministreaming', name, packets: timed(frames, ministreaming.START), settings };
}

/** On a TCP connection, each message behind its length. */
function ofMinistreamingStream(
  name: string,
  lines: readonly ministreaming.Line[],
  ending?: Parameters<typeof ministreaming.recordingOf>[2],
  options: ministreaming.JudgeOptions = {},
): Conversation {
  const { frames } = play(ministreaming.recordingOf(lines, 2, ending), PLAIN);
  const given = { ...options, mapped: true, severities: prefixed(options) };
  const settings = settingsOf('ministreaming, TCP', 'ministreaming', given);
  const dialect = { ...settings.dialect, ...FRAMED };
  return {
    protocol: 'ministreaming, TCP',
    name,
    packets: written(frames),
    settings: { ...settings, dialect },
  };
}

/** The kit names rules without their protocol. */
function prefixed({ severities = {} }: ministreaming.JudgeOptions): NonNullable<Settings['severities']> {
  return Object.fromEntries(Object.entries(severities).map(([rule, value]) => [`ministreaming/${rule}`, value]));
}

function ofFilestorageLines(
  name: string,
  lines: readonly filestorage.Line[],
  options: filestorage.JudgeOptions = {},
  mss?: number,
): Conversation {
  // The kit's lines are a second apart where they do not say, which no second of the field holds.
  const { segments } = filestorage.talkOf(
    lines.map(line => ({ after: 0, ...line })),
    mss,
  );
  const later = segments.map(segment => ({ ...segment, seconds: segment.seconds + mnet.START }));
  const frames = filestorage.talkOf([], mss).with(later).frames();
  const mapped = typeof options.mapped === 'string' ? false : options.mapped;
  const settings = settingsOf('filestorage', 'filestorage', { ...options, mapped });
  return { protocol: 'filestorage', name, packets: written(frames), settings };
}

interface Options {
  readonly mapped?: boolean | undefined;
  readonly dialect?: Readonly<Record<string, string>>;
  readonly severities?: Settings['severities'];
  readonly midstream?: 'auto' | 'never';
}

function settingsOf(protocol: ProtocolName, prefix: string, options: Options): Settings {
  const { mapped = false, dialect = {}, severities = {}, midstream = 'auto' } = options;
  const named = Object.entries(dialect).map(([option, value]) => [`${prefix}.${option}`, value]);
  return {
    protocols: KNOWN[protocol],
    mapped: mapped ? MAPPED[protocol] : [],
    dialect: Object.fromEntries(named),
    severities,
    midstream,
  };
}
