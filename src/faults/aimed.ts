/**
 * Faults that are aimed: what is done, a condition of the filter language, and words that pick among what matches.
 *
 *     drop if type == COOKIE-ACK nth=1          close after type == TRANSFER nth=3          corrupt p=1%
 *     send bytes c0:00 to server after type == CONNACK
 *     send PUBLISH with mqtt.topic = "a/b" to server after type == CONNACK
 */
import type { FieldCatalogue } from '../filter/catalogue.ts';
import { FilterError } from '../filter/error.ts';
import { notAmong } from '../filter/words.ts';
import { nearest } from '../settings/nearest.ts';
import { visible } from '../wire/escape.ts';
import { type Action, type ActionKind, type Fault, type MessageReaders, SENDERS, type Sender } from './fault.ts';
import { conditionOf, selectionOf, selectorsFrom } from './occasion.ts';
import { countOf, delayOf, durationOf, octetsOf, quoted, refuse, type Word } from './phrase.ts';

/** The words of an action, from its verb on. */
interface Verb {
  readonly verb: Word;
  readonly rest: readonly Word[];
  /** What stands behind the verb, up to the condition. */
  readonly text: string;
  readonly textAt: number;
}

type Reader = (verb: Verb, when: 'before' | 'after', catalogue: FieldCatalogue, readers: MessageReaders) => Action;

/** An action of one word. */
const alone =
  (action: Action): Reader =>
  verb => {
    onlyWords(verb, []);
    return action;
  };

const ending =
  (kind: 'close' | 'abort'): Reader =>
  (verb, when) => {
    onlyWords(verb, []);
    return { kind, when };
  };

const READERS: Readonly<Record<string, Reader>> = {
  drop: alone({ kind: 'drop' }),
  delay: verb => {
    const [time] = onlyWords(verb, ['a time: delay 200ms']);
    return { kind: 'delay', ...delayOf(time) };
  },
  repeat: verb => {
    if (verb.rest.length === 0) return { kind: 'duplicate', copies: 1 };
    const [copies, times] = onlyWords(verb, ['a number: repeat 3 times', 'times: repeat 3 times']);
    if (!/^times?$/.test(times.text)) refuse(times.at, `expected times, found ${quoted(times.text)}`);
    if (countOf(copies) > MOST_COPIES) refuse(copies.at, `${copies.text}: at most ${MOST_COPIES} times`);
    return { kind: 'duplicate', copies: countOf(copies) };
  },
  duplicate: alone({ kind: 'duplicate', copies: 1 }),
  swap: verb => {
    const words = onlyWords(verb, ['with: swap with next', 'next: swap with next']);
    for (const [index, wanted] of ['with', 'next'].entries())
      if (words[index].text !== wanted) refuse(words[index].at, `expected ${wanted}: swap with next`);
    return { kind: 'reorder' };
  },
  reorder: alone({ kind: 'reorder' }),
  corrupt: verb => {
    const [anywhere, further] = verb.rest;
    if (anywhere && anywhere.text !== 'anywhere') refuse(anywhere.at, notExpected(anywhere));
    if (further) refuse(further.at, notExpected(further));
    return { kind: 'corrupt', anywhere: anywhere !== undefined };
  },
  trickle: verb => {
    const [time] = onlyWords(verb, ['a time: trickle 5ms']);
    return { kind: 'trickle', milliseconds: durationOf(time) };
  },
  cut: alone({ kind: 'cut' }),
  stall: alone({ kind: 'stall' }),
  close: ending('close'),
  abort: ending('abort'),
  send: (verb, when, catalogue, readers) => {
    const [first, octets] = verb.rest;
    if (!first) refuse(verb.verb.end, `expected bytes, or the name of a message: ${SEND}, ${SEND_NAMED}`);
    if (first.text !== 'bytes') return { ...named(verb, catalogue, readers), when };
    if (!octets) refuse(first.end, `expected bytes in hex: ${SEND}`);
    const to = receiverOf(verb, 2, SEND);
    return { kind: 'send', what: octetsOf(octets), to, when, text: `bytes ${octets.text}` };
  },
  set: ({ verb, text, textAt }, _, catalogue, { setField = notKnown('set', verb) }) => {
    if (text.trim() === '') refuse(verb.end, 'expected a field and its value: set mnet.acknowledged = 9999');
    try {
      return { kind: 'set', text: text.trim(), setting: setField(text, catalogue) };
    } catch (error) {
      if (error instanceof FilterError) refuse(textAt + error.column - 1, error.reason);
      throw error;
    }
  },
};

const VERBS: readonly string[] = Object.keys(READERS);
/** Kinds that may happen once the message was passed on. */
const MAY_FOLLOW: ReadonlySet<ActionKind> = new Set<ActionKind>(['close', 'abort', 'send']);
const SEND = 'send bytes c0:00 to server after type == CONNACK';
const SEND_NAMED = 'send PINGREQ to server after type == CONNACK';
/** Copies of one unit: a slip of the finger is no flood. */
const MOST_COPIES = 1_000;
const WHEN = 'say when: if and a filter, or one of nth=3, every=3, from=3, times=3, p=10%';

/**
 * @param text the whole fault
 * @param words those behind the name of the sender
 * @throws FilterError with a column of `text`
 */
export function aimedFault(
  text: string,
  words: readonly Word[],
  from: Sender | undefined,
  catalogue: FieldCatalogue,
  readers: MessageReaders,
): Fault {
  const [verb] = words;
  const reader = VERBS.includes(verb.text) ? READERS[verb.text] : undefined;
  if (!reader && SENDERS.some(sender => sender === verb.text))
    refuse(verb.end, `expected a colon: ${verb.text}: ${words[1]?.text ?? 'drop=5%'}`);
  if (!reader) refuse(verb.at, `${notAmong('fault', quoted(verb.text), VERBS)}${asList(verb)}`);
  const split = words.findIndex(word => word.text === 'if' || word.text === 'after');
  const keyword = split < 0 ? undefined : words[split];
  const conditional = words.slice(split + 1);
  const phraseEnd = split < 0 ? selectorIndex(words) : split;
  const pickers = keyword ? conditional.slice(selectorsFrom(conditional, catalogue)) : words.slice(phraseEnd);
  const tested = keyword ? conditional.slice(0, conditional.length - pickers.length) : [];
  if (keyword && conditional.length === 0) refuse(keyword.end, `expected a filter: ${verb.text} if type == DATA`);
  const when = keyword?.text === 'after' ? 'after' : 'before';
  const end = words[phraseEnd - 1].end;
  const rest = words.slice(1, phraseEnd);
  const phrase = { verb, rest, text: text.slice(verb.end, end), textAt: verb.end };
  const action = reader(phrase, when, catalogue, readers);
  if (keyword && when === 'after' && !MAY_FOLLOW.has(action.kind))
    refuse(keyword.at, `after goes with close, abort and send; write ${verb.text} if ...`);
  if (!keyword && pickers.length === 0) refuse(words[phraseEnd - 1].end, `${WHEN}`);
  if (tested.length === 0 && action.kind === 'set') refuse(verb.at, 'set needs a message: set ... if type == DATA');
  const { seed, ...selection } = selectionOf(pickers);
  const condition = conditionOf(text, tested, catalogue);
  return { cause: causeOf(text), from, action, occasion: { ...selection, condition }, seed };
}

/** Where words that pick begin that stand behind no condition. */
function selectorIndex(words: readonly Word[]): number {
  const found = words.findIndex(({ text }, index) => index > 0 && (/^[A-Za-z]+=/.test(text) || text === 'per'));
  return found < 0 ? words.length : found;
}

/** `send NAME to client`, `send NAME with FIELD = VALUE to client`. */
function named(
  verb: Verb,
  catalogue: FieldCatalogue,
  { ownMessage = notKnown('send NAME', verb.verb) }: MessageReaders,
): Omit<Action & { kind: 'send' }, 'when'> {
  const { rest } = verb;
  const [name, word] = rest;
  const isWith = word?.text === 'with';
  // A value may be called as the word is; the last one is the word.
  const last = rest.findLastIndex((candidate, index) => index > 1 && candidate.text === 'to');
  if (isWith && last < 0) refuse(rest.at(-1)!.end, `expected to client, or to server: ${SEND_NAMED}`);
  if (word && !isWith && word.text !== 'to')
    refuse(word.at, `expected to or with, found ${quoted(word.text)}; write ${SEND_NAMED}`);
  const to = receiverOf(verb, isWith ? last : 1, SEND_NAMED);
  if (isWith && last === 2)
    refuse(word.end, 'expected a field and its value: send PUBLISH with mqtt.topic = "a/b" to server');
  const assignments = isWith ? between(rest[2], rest[last - 1], verb) : undefined;
  const what = ownMessage(name, assignments, catalogue);
  const words = assignments ? `${name.text} with ${assignments.text}` : name.text;
  return { kind: 'send', what, to, text: visible(words) };
}

/** All from one word to another as one. */
function between({ at }: Word, { end }: Word, { text, textAt }: Pick<Verb, 'text' | 'textAt'>): Word {
  return { text: text.slice(at - textAt, end - textAt), at, end };
}

/** The side behind `to`, which stands at this place and ends the phrase. @param example what is to be written */
function receiverOf(verb: Verb, place: number, example: string): Sender {
  const { rest } = verb;
  const [word, to, surplus] = rest.slice(place);
  if (!word) refuse(rest.at(-1)!.end, `expected to client, or to server: ${example}`);
  if (word.text !== 'to') refuse(word.at, `expected to, found ${quoted(word.text)}; write ${example}`);
  if (!to) refuse(word.end, `expected client or server: ${example}`);
  if (surplus) refuse(surplus.at, notExpected(surplus));
  return sideOf(to);
}

function notKnown(what: string, { at }: Word): () => never {
  return () => refuse(at, `${what} is not known here`);
}

/** The words behind a verb, which are as many as are wanted. */
function onlyWords({ verb, rest }: Verb, wanted: readonly string[]): readonly Word[] {
  const missing = wanted[rest.length];
  if (missing !== undefined) refuse((rest.at(-1) ?? verb).end, `expected ${missing}`);
  const surplus = rest[wanted.length];
  if (surplus) refuse(surplus.at, notExpected(surplus));
  return rest;
}

function notExpected({ text }: Word): string {
  return `expected if or after and a filter, or one of nth=3, every=3, from=3, times=3, p=10%, found ${quoted(text)}`;
}

function asList({ text }: Word): string {
  return ['rate', 'burst'].includes(text)
    ? `; ${text} is written ${text === 'rate' ? 'rate=1MB/s' : 'burst=1%/30%'}`
    : '';
}

function sideOf({ text, at }: Word): Sender {
  if (text === 'client' || text === 'server') return text;
  const near = nearest(text, ['client', 'server']);
  return refuse(at, `no such side: ${quoted(text)}; ${near ? `did you mean ${near}?` : 'known: client, server'}`);
}

/** One line, as it was written. */
function causeOf(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
