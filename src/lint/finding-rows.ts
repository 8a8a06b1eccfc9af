/**
 * Findings in rows: numbers in a table, texts and bytes in a pool, what repeats once. What stands for a finding is a small
 * object that reads its row: a third of the memory, most of it outside the heap. A run has a hundred thousand of them
 * until its reports are printed.
 *
 * Its members are read one by one: it has none of its own to spread or to compare. `plainFinding` copies it.
 */
import { Records, recordView } from '../storage/records.ts';
import { TextPool } from '../storage/text-pool.ts';
import type { Citation } from './clause.ts';
import type { Excerpt, Finding, Timestamp } from './finding.ts';
import type { Basis, Severity } from './rule.ts';

const Row = recordView([
  'kind',
  'messageName',
  'state',
  'capture',
  'frame',
  'seconds',
  'nanoseconds',
  'connection',
  'from',
  'to',
  'message',
  'expected',
  'actual',
  'bytesOffset',
  'bytesLength',
  'related',
  'excerpt',
  'excerptOffset',
  'messageLength',
  'position',
  ['positionHigh', 'atFault'],
]);

/** What is the same for all that one rule finds in one manner. */
interface Kind {
  readonly ruleId: string;
  readonly severity: Severity;
  readonly protocol: string;
  readonly restsOn: Basis;
  readonly spec: Citation;
}

/** In a word: there is none. */
const NONE = 0xffff_ffff;
/** Values of a word, and of the upper part of a position. */
const WORDS = 2 ** 32;
const POSITIONS_HIGH = 2 ** 8;
/** Of one rule: they are looked through one by one. */
const MOST_KINDS = 64;
/** Who is at fault. */
const NOBODY = 0;
const SENDER = 1;
const RECEIVER = 2;

const NO_FRAMES: readonly number[] = [];

export class FindingRows {
  readonly #records = new Records(Row.width);
  readonly #row = new Row(this.#records);
  readonly #pool = new TextPool();
  readonly #kinds: Kind[] = [];
  readonly #kindsOf = new Map<string, number[]>();
  /** Texts of which there are few. */
  readonly #names: string[] = [];
  readonly #numbers = new Map<string, number>();
  #count = 0;

  /** The same finding in a row; itself where it does not fit in, as with a time before 1970. */
  keep(finding: Finding): Finding {
    if (finding instanceof KeptFinding || this.#pool.isFull || !fits(finding)) return finding;
    const kind = this.#kindOf(finding);
    if (kind < 0) return finding;
    const index = this.#count++;
    const { bytes, excerpt, from, to, relatedFrames } = finding;
    const row = this.#row;
    row.base = this.#records.reset(index);
    row.kind = kind;
    row.messageName = this.#numberOf(finding.messageName);
    row.state = this.#numberOf(finding.state);
    row.capture = finding.capture;
    row.frame = finding.frame;
    row.seconds = finding.time.seconds;
    row.nanoseconds = finding.time.nanoseconds;
    row.connection = finding.connection;
    row.from = this.#pool.add(from);
    row.to = this.#pool.add(to);
    row.atFault = finding.atFault === null ? NOBODY : finding.atFault === from ? SENDER : RECEIVER;
    row.message = this.#pool.add(finding.message);
    row.expected = this.#pool.add(finding.expected);
    row.actual = this.#pool.add(finding.actual);
    row.bytesOffset = bytes?.offset ?? NONE;
    row.bytesLength = bytes?.length ?? NONE;
    row.related =
      relatedFrames.length === 0 ? NONE : this.#pool.addBytes(new Uint8Array(Uint32Array.from(relatedFrames).buffer));
    row.excerpt = excerpt ? this.#pool.addBytes(excerpt.bytes) : NONE;
    if (excerpt) {
      row.excerptOffset = excerpt.offset;
      row.messageLength = excerpt.messageLength;
      // One more, so that -1 fits in.
      row.position = (excerpt.position + 1) % WORDS;
      row.positionHigh = Math.floor((excerpt.position + 1) / WORDS);
    }
    const { mentions } = finding;
    return mentions === undefined ? new KeptFinding(this, index) : new MentioningFinding(this, index, mentions);
  }

  /** The row of a finding, until the next one is looked at. */
  at(index: number): InstanceType<typeof Row> {
    this.#row.base = index * Row.width;
    return this.#row;
  }

  kind(index: number): Kind {
    return this.#kinds[this.at(index).kind];
  }

  name(number: number): string {
    return this.#names[number];
  }

  text(place: number): string {
    return this.#pool.text(place);
  }

  bytes(place: number): Uint8Array {
    return this.#pool.bytes(place);
  }

  /** -1 where the rule has too many. */
  #kindOf({ ruleId, severity, protocol, restsOn, spec }: Finding): number {
    let places = this.#kindsOf.get(ruleId);
    if (!places) {
      places = [];
      this.#kindsOf.set(ruleId, places);
    }
    for (const place of places) {
      const kind = this.#kinds[place];
      const isSame = kind.severity === severity && kind.restsOn === restsOn && kind.protocol === protocol;
      if (isSame && isSameCitation(kind.spec, spec)) return place;
    }
    if (places.length >= MOST_KINDS) return -1;
    const place = this.#kinds.push({ ruleId, severity, protocol, restsOn, spec }) - 1;
    places.push(place);
    return place;
  }

  #numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#names.push(name) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }
}

class KeptFinding implements Finding {
  readonly #rows: FindingRows;
  readonly #index: number;

  constructor(rows: FindingRows, index: number) {
    this.#rows = rows;
    this.#index = index;
  }

  get ruleId(): string {
    return this.#rows.kind(this.#index).ruleId;
  }

  get severity(): Severity {
    return this.#rows.kind(this.#index).severity;
  }

  get message(): string {
    return this.#rows.text(this.#rows.at(this.#index).message);
  }

  get capture(): number {
    return this.#rows.at(this.#index).capture;
  }

  get frame(): number {
    return this.#rows.at(this.#index).frame;
  }

  get time(): Timestamp {
    const { seconds, nanoseconds } = this.#rows.at(this.#index);
    return { seconds, nanoseconds };
  }

  get protocol(): string {
    return this.#rows.kind(this.#index).protocol;
  }

  get connection(): number {
    return this.#rows.at(this.#index).connection;
  }

  get from(): string {
    return this.#rows.text(this.#rows.at(this.#index).from);
  }

  get to(): string {
    return this.#rows.text(this.#rows.at(this.#index).to);
  }

  get atFault(): string | null {
    const { atFault } = this.#rows.at(this.#index);
    return atFault === NOBODY ? null : atFault === SENDER ? this.from : this.to;
  }

  get messageName(): string {
    return this.#rows.name(this.#rows.at(this.#index).messageName);
  }

  get state(): string {
    return this.#rows.name(this.#rows.at(this.#index).state);
  }

  get bytes(): Finding['bytes'] {
    const { bytesOffset: offset, bytesLength: length } = this.#rows.at(this.#index);
    return offset === NONE ? null : { offset, length };
  }

  get expected(): string {
    return this.#rows.text(this.#rows.at(this.#index).expected);
  }

  get actual(): string {
    return this.#rows.text(this.#rows.at(this.#index).actual);
  }

  get restsOn(): Basis {
    return this.#rows.kind(this.#index).restsOn;
  }

  get spec(): Citation {
    return this.#rows.kind(this.#index).spec;
  }

  get relatedFrames(): readonly number[] {
    const { related } = this.#rows.at(this.#index);
    return related === NONE ? NO_FRAMES : [...new Uint32Array(Uint8Array.from(this.#rows.bytes(related)).buffer)];
  }

  get excerpt(): Excerpt | null {
    const { excerpt, excerptOffset: offset, messageLength, position, positionHigh } = this.#rows.at(this.#index);
    if (excerpt === NONE) return null;
    return { offset, bytes: this.#rows.bytes(excerpt), messageLength, position: positionHigh * WORDS + position - 1 };
  }
}

/** Few are: what they mention is not in their row. */
class MentioningFinding extends KeptFinding {
  readonly mentions: number;

  constructor(rows: FindingRows, index: number, mentions: number) {
    super(rows, index);
    this.mentions = mentions;
  }
}

function fits(finding: Finding): boolean {
  const { capture, frame, time, connection, bytes, from, to, atFault, relatedFrames, excerpt } = finding;
  return (
    (atFault === null || atFault === from || atFault === to) &&
    isWord(capture) &&
    isWord(frame) &&
    isWord(time.seconds) &&
    isWord(time.nanoseconds) &&
    isWord(connection) &&
    (bytes === null || (isWord(bytes.offset) && isWord(bytes.length))) &&
    relatedFrames.every(isWord) &&
    (excerpt === null || isExcerptOfWords(excerpt))
  );
}

function isExcerptOfWords({ offset, messageLength, position }: Excerpt): boolean {
  const isPlace = Number.isInteger(position) && position >= -1 && position + 1 < WORDS * POSITIONS_HIGH;
  return isPlace && isWord(offset) && isWord(messageLength);
}

const isWord = (number: number) => number >>> 0 === number && number !== NONE;

function isSameCitation(one: Citation, other: Citation): boolean {
  if (one === other) return true;
  return one.document === other.document && one.clause === other.clause && one.says === other.says;
}
