/**
 * Asks messages, connections and findings of a run whether they have what somebody looks for. What the index knows of a message
 * is asked first, then its bytes, and its fields last: they take longest to make.
 */
import { catalogueOf } from '../../filter/catalogue.ts';
import { makeFilter } from '../../filter/filter.ts';
import { FindingSubject } from '../../filter/finding-subject.ts';
import { MessageSubject } from '../../filter/message-subject.ts';
import type { History } from '../../history/history.ts';
import type { CaptureBytes } from '../../history/recall.ts';
import type { Finding } from '../../lint/finding.ts';
import { brief } from '../../report/brief.ts';
import { type FieldNode, fieldTree } from '../../wire/tree.ts';
import { filterProblem } from './filtering.ts';
import { IndexedMessage } from './indexed-message.ts';
import { bytesAt, holdsText, type Sought, type SoughtFields, type SoughtText } from './sought.ts';
import { showsText } from './sought-place.ts';

export type MessageTest = (message: number) => boolean;

/** @param sought without a problem */
export function messageTest(sought: Sought, history: History, bytes: CaptureBytes): MessageTest {
  switch (sought.kind) {
    case 'fields':
      return fieldsTest(sought, history, bytes);
    case 'bytes':
      return message => bytesAt(sought, history.read(message, bytes)) >= 0;
    case 'text':
      return textTest(sought, history, bytes);
  }
}

function fieldsTest({ text }: SoughtFields, history: History, bytes: CaptureBytes): MessageTest {
  const matches = makeFilter(text, catalogueOf(history.protocols), 'messages');
  const seen = new IndexedMessage(history, bytes);
  const subject = new MessageSubject(seen, { seconds: 0, nanoseconds: 0 });
  return message => {
    seen.show(message);
    return matches(subject.show(seen, history.origin(seen.capture)));
  };
}

function textTest(sought: SoughtText, history: History, bytes: CaptureBytes): MessageTest {
  const { messages, findings } = history;
  // All messages of a connection have the same ends.
  let connection = 0;
  let hasEnds = false;
  return message => {
    const own = messages.connection(message);
    if (own !== connection) {
      connection = own;
      hasEnds = holdsText(sought, endsOf(history, own));
    }
    if (hasEnds || holdsText(sought, messages.name(message))) return true;
    if (findings.ofMessage(message).some(place => holdsText(sought, sentenceOf(findings.list[place])))) return true;
    if (bytesAt(sought, history.read(message, bytes)) >= 0) return true;
    const seen = history.recall(message, bytes);
    const nodes = seen.layout ? fieldTree(seen.message, seen.layout) : [];
    return (
      someShows(nodes, sought) || holdsText(sought, brief(nodes, seen)) || holdsText(sought, history.comment(message))
    );
  };
}

function someShows(nodes: readonly FieldNode[], sought: SoughtText): boolean {
  return nodes.some(node => showsText(node, sought) || someShows(node.children ?? [], sought));
}

function endsOf({ connections }: History, connection: number): string {
  const { id } = connections.protocol(connection);
  return `${id} ${connections.client(connection)} ${connections.server(connection)}`;
}

function sentenceOf({ severity, ruleId, message }: Finding): string {
  return `${severity} ${ruleId}: ${message}`;
}

/** Does the row of a connection show it? Numbers and times are no text. */
export function rowHas(sought: Sought, history: History, connection: number): boolean {
  if (sought.kind !== 'text') return false;
  const { connections } = history;
  const reasons = connections.reasons(connection).map(({ because }) => because);
  const texts = [
    connections.state(connection),
    connections.standing(connection),
    connections.about(connection),
    ...reasons,
  ];
  return holdsText(sought, `${endsOf(history, connection)} ${texts.join(' ')}`);
}

/** A finding has what its own words show; bytes, and fields that only messages have, are those of its message. */
export function findingTest(sought: Sought, history: History, bytes: CaptureBytes): (place: number) => boolean {
  const { findings } = history;
  if (sought.kind === 'text') return place => holdsText(sought, wordsOf(findings.list[place]));
  const onMessage = messageTest(sought, history, bytes);
  const ofMessage = (place: number) => findings.messageOf(place) >= 0 && onMessage(findings.messageOf(place));
  const catalogue = catalogueOf(history.protocols);
  if (sought.kind === 'bytes' || filterProblem(sought.text, catalogue, 'findings')) return ofMessage;
  const matches = makeFilter(sought.text, catalogue, 'findings');
  return place => {
    const finding = findings.list[place];
    return matches(new FindingSubject(finding, history.origin(finding.capture)));
  };
}

function wordsOf(finding: Finding): string {
  const { atFault, from, to, messageName, state, expected, actual, spec } = finding;
  const more = [atFault ?? 'nobody', from, to, messageName, state, expected, actual, spec.document, spec.clause];
  return `${sentenceOf(finding)} ${more.join(' ')}`;
}
