/**
 * Puts conversations under conditions, and counts who is accused without having done anything and what is missed of
 * what was found before. An accusation is one line, which is enough to find the capture again.
 */
import type { Captured } from './captured.ts';
import type { Changed, Condition } from './conditions.ts';
import { type Conversation, PROTOCOLS, type ProtocolName } from './conversation.ts';
import { Dice } from './dice.ts';
import { type Fault, type Judgement, judgeCaptured } from './judging.ts';

export interface Figures {
  captures: number;
  /** Captures with an error or warning that nothing justifies, and those among them with an error. */
  accused: number;
  errors: number;
  /** Captures in which a fault that was found before is found no more. */
  missed: number;
  /** Captures with a verdict that is worse than it must be: inconclusive, though everything was seen. */
  unsure: number;
}

export interface Accusation {
  readonly condition: string;
  readonly protocol: ProtocolName;
  readonly conversation: string;
  readonly detail: string;
  readonly what: 'accused' | 'missed' | 'unsure';
  /** `rule frame`, and the message. */
  readonly found: string;
}

export class Sweep {
  readonly accusations: Accusation[] = [];
  /** By condition and protocol. */
  readonly figures = new Map<string, Figures>();
  readonly conditions: string[] = [];

  /**
   * @param most captures of one conversation under one condition
   * @param share each conversation of a protocol comes under one of so many conditions, the next conversation under the next
   */
  async run(
    conversations: readonly Conversation[],
    all: readonly Condition[],
    most: number,
    share: (protocol: ProtocolName) => number = () => 1,
  ): Promise<void> {
    for (const [turn, conversation] of conversations.entries()) {
      const { packets, settings, protocol, name } = conversation;
      const conditions = all.filter((_, index) => (index + turn) % share(protocol) === 0);
      const untouched = await untouchedOf(conversation);
      for (const condition of conditions) {
        // Calling such a capture complete would be wrong.
        if (condition.hides && settings.capture === 'complete') continue;
        const dice = new Dice(`${protocol}, ${name}, ${condition.name}`);
        for (const changed of condition.captures(packets, dice, most)) {
          if (changed.packets.length === 0) continue;
          this.#compare(conversation, condition, changed, untouched, await judgeCaptured(changed.packets, settings));
        }
      }
    }
  }

  /** As much of all figures as belongs to one protocol and kind of condition. */
  sum(protocol: ProtocolName, conditions: readonly Condition[]): Figures {
    const total = { captures: 0, accused: 0, errors: 0, missed: 0, unsure: 0 };
    for (const { name } of conditions) {
      const own = this.figures.get(keyOf(name, protocol));
      if (!own) continue;
      for (const key of Object.keys(total) as (keyof Figures)[]) total[key] += own[key];
    }
    return total;
  }

  /** A line a condition: of each protocol captures, and accused (errors among them), missed and unsure ones. */
  table(): string {
    const protocols = PROTOCOLS.filter(protocol =>
      this.conditions.some(name => this.figures.has(keyOf(name, protocol))),
    );
    const rows = this.conditions.map(condition => [
      condition,
      ...protocols.map(protocol => {
        const own = this.figures.get(keyOf(condition, protocol));
        return own ? `${own.captures}: ${own.accused} (${own.errors}), ${own.missed}, ${own.unsure}` : '-';
      }),
    ]);
    const lines = [['captures: accused (error), missed, unsure', ...protocols], ...rows];
    const widths = lines[0].map((_, column) => Math.max(...lines.map(cells => cells[column].length)));
    return lines
      .map(cells =>
        cells
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd(),
      )
      .join('\n');
  }

  /** How often which rule accused or was missed under which condition, the most frequent first. */
  classes(): string[] {
    const counts = new Map<string, number>();
    for (const { what, protocol, condition, found } of this.accusations) {
      const key = [what, protocol, condition, found.split(' ')[0]].join(' | ');
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return [...counts].sort(([, one], [, other]) => other - one).map(([key, count]) => `${count} | ${key}`);
  }

  /** Each accusation: what, protocol, condition, conversation, what was done, rule and frame, message. */
  lines(): string[] {
    return this.accusations.map(({ what, protocol, condition, conversation, detail, found }) =>
      [what, protocol, condition, conversation, detail, found].join(' | '),
    );
  }

  #compare(
    { protocol, name }: Conversation,
    condition: Condition,
    { detail, packets }: Changed,
    before: Judgement,
    after: Judgement,
  ): void {
    const figures = this.#figuresOf(condition.name, protocol);
    const { kind, tolerated = [], hides = false } = condition;
    const judged = ({ rule }: Fault) => !tolerated.includes(rule);
    const places = placesOf(packets);
    const expected = before.faults.filter(judged).map(fault => ({ ...fault, frame: places.get(fault.frame) ?? 0 }));
    const found = after.faults.filter(judged);
    // What is hidden may make one fault look like another, or like the same one of somebody else.
    const explained = ({ rule, frame }: Fault) =>
      hides && expected.some(own => own.rule === rule || own.frame === frame);
    const extra = without(found, expected).filter(fault => !explained(fault));
    const missing = kind === 'lossy' || hides ? [] : without(expected, found);
    const clock = after.faults.some(({ rule }) => tolerated.includes(rule));
    const isUnsure = kind === 'harmless' && !hides && !clock && after.verdict === 'inconclusive';
    const unsure = isUnsure && before.verdict === 'conformant';
    figures.captures++;
    if (extra.length > 0) figures.accused++;
    if (extra.some(({ severity }) => severity === 'error')) figures.errors++;
    if (missing.length > 0) figures.missed++;
    if (unsure) figures.unsure++;
    const tell = (what: Accusation['what'], text: string) =>
      this.accusations.push({ condition: condition.name, protocol, conversation: name, detail, what, found: text });
    for (const { rule, frame, message } of extra) tell('accused', `${rule} ${frame} | ${message}`);
    for (const { rule, frame, message } of missing) tell('missed', `${rule} ${frame} | ${message}`);
    if (unsure) tell('unsure', '');
  }

  #figuresOf(condition: string, protocol: ProtocolName): Figures {
    const key = keyOf(condition, protocol);
    const known = this.figures.get(key);
    if (known) return known;
    const own = { captures: 0, accused: 0, errors: 0, missed: 0, unsure: 0 };
    this.figures.set(key, own);
    if (!this.conditions.includes(condition)) this.conditions.push(condition);
    return own;
  }
}

const JUDGED = new WeakMap<Conversation, Promise<Judgement>>();

/** What is found in a conversation under no condition; sweeps of the same conversations share it. */
function untouchedOf(conversation: Conversation): Promise<Judgement> {
  const judged = JUDGED.get(conversation) ?? judgeCaptured(conversation.packets, conversation.settings);
  JUDGED.set(conversation, judged);
  return judged;
}

const keyOf = (condition: string, protocol: ProtocolName) => `${condition} / ${protocol}`;

/** For each frame of the untouched capture, the one in which it is complete now: its last piece in time that is no copy. */
function placesOf(packets: readonly Captured[]): Map<number, number> {
  const places = new Map<number, number>();
  packets.forEach(({ origin, others = [], copy, time }, index) => {
    for (const own of [origin, ...others]) {
      const known = places.get(own);
      if (!copy && (known === undefined || packets[known - 1].time <= time)) places.set(own, index + 1);
    }
  });
  return places;
}

/** The faults that are not among others, counted. */
function without(faults: readonly Fault[], others: readonly Fault[]): Fault[] {
  const left = others.map(({ rule, frame }) => `${rule} ${frame}`);
  return faults.filter(({ rule, frame }) => {
    const index = left.indexOf(`${rule} ${frame}`);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
