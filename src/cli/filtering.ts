/** `-Y` on the command line: its help, and the filter of messages, which `dissect` asks. (Of findings: src/narrowing.ts.) */
import { catalogueOf, fieldsOf } from '../filter/catalogue.ts';
import type { Predicate, SubjectKind } from '../filter/compile.ts';
import { MessageSubject } from '../filter/message-subject.ts';
import type { Timestamp } from '../lint/finding.ts';
import { filterOf } from '../narrowing.ts';
import type { AnyProtocol, SeenMessage } from '../protocol/protocol.ts';

/** The language in short, for `--help`. */
export function filterHelp(subjects: SubjectKind): string {
  const ofMessages = subjects === 'messages';
  const fields = fieldsOf(catalogueOf([])).filter(({ ofFindings }) => ofMessages || ofFindings);
  const lines = [
    'Filter (-Y): FIELD (it is there), FIELD OPERATOR VALUE, FIELD in {1, 5..9}; joined by && || ! ( ).',
    'Operators: == != < <= > >= contains, and ~ for patterns of * and ?. Text of more than a word stands in "quotes".',
    `Fields: ${fields.map(({ name }) => name).join(' ')}, and a PROTOCOL alone.`,
  ];
  if (ofMessages)
    lines.push('PROTOCOL.FIELD (see wirelint protocols), and into JSON: filestorage.payload.files[0].size.');
  return lines.join('\n');
}

/** Says of each message of a capture whether it matches. */
export class MessageFilter {
  readonly #matches: Predicate;
  #subject: MessageSubject | undefined = undefined;
  #origin: Timestamp = { seconds: 0, nanoseconds: 0 };

  constructor(text: string, protocols: readonly AnyProtocol[]) {
    this.#matches = filterOf(text, protocols, 'messages');
  }

  /** Called with the first frame of the capture, from which times are counted. */
  begin({ seconds, nanoseconds }: Timestamp): void {
    this.#origin = { seconds, nanoseconds };
  }

  matches(seen: SeenMessage): boolean {
    this.#subject ??= new MessageSubject(seen, this.#origin);
    return this.#matches(this.#subject.show(seen, this.#origin));
  }
}
