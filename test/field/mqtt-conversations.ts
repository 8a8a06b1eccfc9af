/**
 * MQTT in the field: captures of public programs, the tests' stories, each conversation of the catalogue's tests that keeps a rule
 * (and each that breaks one), and random clients of one server.
 */
import { openCapture } from '../../src/capture/open.ts';
import { CASES } from '../dissectors/mqtt/cases/all.ts';
import { TWINS } from '../dissectors/mqtt/conforming/all.ts';
import { randomConversation } from '../dissectors/mqtt/random-conversations.ts';
import { BROKEN_RULES } from '../dissectors/mqtt/random-faults.ts';
import { STORIES } from '../dissectors/mqtt/stories.ts';
import { framesOf } from '../kit/filestorage.ts';
import { type JudgeOptions, scene } from '../kit/mqtt-judge.ts';
import { MqttNet } from '../kit/mqtt-net.ts';
import { capturedFrom } from './captured.ts';
import { type Conversation, KNOWN, LEAST_STEP, MAPPED, spread, written } from './conversation.ts';
import type { Settings } from './judging.ts';

const FIXTURES = new URL('../../fixtures/mqtt/', import.meta.url).pathname;
const CAPTURES = [
  'aedes-mqttjs-311-basic',
  'mosquitto-311-pipelined',
  'mosquitto-311-will',
  'mosquitto-mqttjs-5-alias',
  'mosquitto-paho-311-large',
  'mosquitto-paho-311-persistent',
  'mosquitto-paho-311-qos',
  'mosquitto-paho-5-request-response',
  'mosquitto-paho-5-session',
  'mosquitto-paho-5-shared',
  'scripted-mqttjs-5-auth',
];
const FAULTY_CAPTURES = ['mosquitto-bad-credentials', 'mosquitto-mqttjs-5-receive-maximum'];
/** Frames, and bytes: longer ones use up all identifiers or lengths, and tell no more than short ones of what is missing. */
const LONGEST = { frames: 2_000, bytes: 200_000 };
/** Random conversations are ten times as long as those of other protocols. */
const TALKS_SHARE = 4;
/** It holds a malformed PUBLISH that crosses a DISCONNECT: nobody judges it there, and without the DISCONNECT it is rightly reported. */
const NOT_SOUND = 'what the other side sent before it knew';
const LEVELS = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const;

/**
 * @param talks how many the dice drive
 * @param share one of so many of the catalogue's
 */
export async function conformingMqtt(talks: number, share: number): Promise<Conversation[]> {
  const recorded = await Promise.all(CAPTURES.map(ofCapture));
  const told = STORIES.filter(({ found }) => found.length === 0).map(({ name, net }) => {
    return ofFrames(`story ${name}`, net.frames());
  });
  const driven = Array.from({ length: Math.ceil(talks / TALKS_SHARE) }, (_, n) => {
    return ofFrames(`talk ${n}`, randomConversation(n + 1).net.frames(), {}, LEAST_STEP);
  });
  const kept = TWINS.flatMap(({ rule, what, level, choice, talk }, index) => {
    const { options = {}, net, verdict = 'conformant', found = [] } = choice;
    if (index % share !== 0 || verdict !== 'conformant' || found.length > 0 || !isOrdinary(options)) return [];
    if (what === NOT_SOUND) return [];
    const stage = scene(level, new MqttNet(net));
    talk(stage);
    return [ofFrames(`${rule} (${LEVELS[level]}), ${what}`, stage.net.frames(), options)];
  });
  const known = [...recorded, ...told, ...driven].filter(({ packets }) => packets.length > 0);
  const mapped = known.map(one => {
    return { ...one, name: `${one.name}, mapped`, settings: { ...one.settings, mapped: MAPPED.mqtt } };
  });
  return [...[...known, ...mapped].filter((_, index) => index % longShare(share) === 0), ...kept].filter(isShort);
}

const isShort = ({ packets }: Conversation) =>
  packets.length <= LONGEST.frames && packets.reduce((total, { bytes }) => total + bytes.length, 0) <= LONGEST.bytes;

/** The long ones are few. */
const longShare = (share: number) => Math.ceil(share / 3);

/** @param share one of so many of the random ones, of which each rule has one, and some more of the catalogue's */
export async function faultyMqtt(share: number): Promise<Conversation[]> {
  const recorded = await Promise.all(FAULTY_CAPTURES.map(ofCapture));
  const broken = CASES.flatMap(({ rule, level, options, talk }, index) => {
    if (index % longShare(share) !== 0) return [];
    const stage = scene(level);
    talk(stage);
    return isOrdinary(options) ? [ofFrames(`${rule} (${LEVELS[level]})`, stage.net.frames(), options)] : [];
  });
  const driven = BROKEN_RULES.flatMap((rule, index) => {
    if (index % (share * TALKS_SHARE) !== 0) return [];
    const { net } = randomConversation(index + 1, rule);
    return [ofFrames(`talk with ${rule}`, net.frames(), { mapped: true }, LEAST_STEP)];
  });
  return [...recorded, ...broken, ...driven.filter(({ packets }) => packets.length > 0)].filter(isShort);
}

/** Judged as any capture is: not as one of the proxy, nor as one that says of itself what it lacks. */
const isOrdinary = ({ dropped, relayed, limits, capture }: JudgeOptions) =>
  dropped === undefined && relayed === undefined && limits === undefined && capture === undefined;

async function ofCapture(name: string): Promise<Conversation> {
  const frames = await framesOf(await openCapture(`${FIXTURES}${name}.pcap`));
  const settings = { protocols: KNOWN.mqtt, mapped: [] };
  return { protocol: 'mqtt', name: `fixture ${name}`, packets: spread(capturedFrom(frames), LEAST_STEP), settings };
}

function ofFrames(
  name: string,
  frames: Parameters<typeof written>[0],
  options: JudgeOptions = {},
  step?: number,
): Conversation {
  const { mapped = false, dialect = {}, severities = {}, midstream = 'auto' } = options;
  const named = <T>(all: Readonly<Record<string, T>>, mark: string) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [`mqtt${mark}${key}`, value]));
  const settings: Settings = {
    protocols: KNOWN.mqtt,
    mapped: mapped ? MAPPED.mqtt : [],
    dialect: named(dialect, '.'),
    severities: named(severities, '/'),
    midstream,
  };
  return { protocol: 'mqtt', name, packets: written(frames, step), settings };
}
