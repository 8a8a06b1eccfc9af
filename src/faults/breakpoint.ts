/** Holds what a filter matches, until somebody forwards or drops it. What the filter is may be changed at any time. */
import type { Predicate } from '../filter/compile.ts';
import { MessageSubject } from '../filter/message-subject.ts';
import type { Decision } from '../lint/deed.ts';
import type { Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import type { Overseer, Passage } from './passage.ts';

export interface Condition {
  /** As the user wrote it. */
  readonly text: string;
  readonly matches: Predicate;
}

export class Breakpoint implements Overseer {
  /** Nothing is held where there is none. */
  condition: Condition | undefined;
  #subject: MessageSubject | undefined = undefined;

  constructor(condition?: Condition) {
    this.condition = condition;
  }

  message(seen: SeenMessage, _passage: Passage, origin: Timestamp): readonly Decision[] {
    const { condition } = this;
    if (!condition) return [];
    this.#subject ??= new MessageSubject(seen, origin);
    if (!condition.matches(this.#subject.show(seen, origin))) return [];
    return [{ deed: { kind: 'hold' }, cause: condition.text, by: 'interception' }];
  }
}
