/**
 * A message as a filter sees it. Fields are read where they lie, one at a time: no field tree is built, and JSON is parsed
 * once a message, when something in it is asked for. What the capture cut off, or the message has not, has no value.
 */
import type { Finding, Timestamp } from '../lint/finding.ts';
import type { SeenMessage } from '../protocol/protocol.ts';
import { isJsonFault, type JsonFault, type JsonValue, parseJson } from '../wire/json.ts';
import type { Field, Layout, PlainNode, Scope } from '../wire/layout.ts';
import type { Message } from '../wire/message.ts';
import { valueText } from '../wire/tree.ts';
import { contentOf, textOf } from '../wire/value.ts';
import { kindOf } from './catalogue.ts';
import { decimal } from './decimal.ts';
import { someOf, somePort } from './finding-subject.ts';
import type { FilterSubject, GeneralName, LayoutPlace, Test, Value } from './subject.ts';
import type { Step } from './syntax.ts';
import { elapsed } from './time.ts';

export class MessageSubject implements FilterSubject {
  #seen: SeenMessage;
  #origin: Timestamp;
  /** JSON of the message in hand, once it was asked for. */
  #json: JsonValue | JsonFault | undefined = undefined;
  /** Where it stands in the buffer. */
  #jsonStart = 0;
  /** What the protocol itself tells of it, likewise. */
  #nodes: readonly PlainNode[] | undefined = undefined;

  /** @param origin the time that relative times count from */
  constructor(seen: SeenMessage, origin: Timestamp) {
    this.#seen = seen;
    this.#origin = origin;
  }

  /** Goes on to another message: one subject serves a whole capture. */
  show(seen: SeenMessage, origin: Timestamp): this {
    this.#seen = seen;
    this.#origin = origin;
    this.#json = undefined;
    this.#nodes = undefined;
    return this;
  }

  some(field: GeneralName, test: Test): boolean {
    const seen = this.#seen;
    const { message } = seen;
    switch (field) {
      case 'frame':
        return test(message.frame);
      case 'time':
        return test(elapsed(this.#origin, message));
      case 'protocol':
        return test(seen.protocol);
      case 'connection':
        return test(seen.connection);
      case 'type':
        return test(seen.name);
      case 'length':
        return test(message.length);
      case 'src':
        return test(seen.from);
      case 'dst':
        return test(seen.to);
      case 'addr':
        return test(seen.from) || test(seen.to);
      case 'srcport':
        return somePort(seen.from, test);
      case 'dstport':
        return somePort(seen.to, test);
      case 'port':
        return somePort(seen.from, test) || somePort(seen.to, test);
      case 'client':
        return test(seen.clientToServer ? seen.from : seen.to);
      case 'server':
        return test(seen.clientToServer ? seen.to : seen.from);
      case 'state':
        return test(seen.state);
      case 'direction':
        return test(seen.clientToServer ? 'client' : 'server');
      case 'text':
      case 'bytes':
        return test(message.bytes.subarray(message.start, message.start + message.captured));
      case 'comment':
        return message.comment !== '' && test(message.comment);
      case 'answers':
        return seen.answers !== undefined && test(seen.answers.frame);
      case 'delay':
        return seen.answers !== undefined && test(elapsed(seen.answers, message));
      case 'rule':
      case 'severity':
      case 'finding':
      case 'fault':
        return someFinding(seen.findings, field, test);
    }
  }

  someIn(place: LayoutPlace, test: Test): boolean {
    const { layout, protocol, message } = this.#seen;
    if (protocol !== place.protocol || !layout) return false;
    if (layout.described.includes(place.field)) return this.#someDescribed(layout, place, test);
    return this.#someOf(message, layout, place.field, place, 0, test);
  }

  /** Looks for a field in a message or an item. @param at the step of the path behind the field */
  #someOf(message: Message, scope: Scope, name: string, place: LayoutPlace, at: number, test: Test): boolean {
    const field = fieldOf(scope, name);
    if (!field) return false;
    const { kind, as, path } = place;
    if (field.kind === 'list' && at < path.length) return this.#someItem(message, field, place, at, test);
    if (kind !== 'mixed' && kind !== kindOf(field)) return false;
    if (field.kind === 'list' || field.kind === 'group')
      return as !== 'shown' && message.range(field) !== undefined && test(field.name);
    if (!message.has(field)) return false;
    if (as === 'shown') return test(valueText(field, message.value(field) ?? ''));
    if (as === 'label') {
      const label = labelOf(field, message.uint(field));
      return label !== undefined && test(label);
    }
    if (as === 'text') return test(contentOf(message, field));
    switch (field.kind) {
      case 'uint':
      case 'id':
      case 'unixTime':
        return test(numberIn(message, field));
      case 'text':
        return test(field.extent.of === 'reader' ? textOf(message, field) : contentOf(message, field));
      case 'bytes':
        return test(contentOf(message, field));
      case 'json':
        return this.#someJson(message, field, path, at, test);
    }
  }

  /** The author's nodes are made once a message, when one of them is asked for. */
  #someDescribed(layout: Layout, { field, kind, as, path }: LayoutPlace, test: Test): boolean {
    if (kind !== 'json' && kind !== 'mixed') return false;
    const { message } = this.#seen;
    this.#nodes ??= layout.describe?.(message) ?? [];
    return this.#nodes.some(node => {
      if (node.name !== field) return false;
      if (as !== 'text') return someNode(node, path, 0, test);
      return !node.cut && test(message.copy(node.offset, node.offset + node.length));
    });
  }

  #someItem(message: Message, list: Field, place: LayoutPlace, at: number, test: Test): boolean {
    const [which, next] = place.path.slice(at, at + 2);
    if (which.kind === 'name' || next?.kind !== 'name') return false;
    let found = false;
    message.eachItem(list, (item, scope, index) => {
      if (which.kind === 'index' && index !== which.index) return false;
      found = this.#someOf(item, scope, next.name, place, at + 2, test);
      return found || which.kind === 'index';
    });
    return found;
  }

  #someJson(message: Message, field: Field, path: readonly Step[], at: number, test: Test): boolean {
    const content = contentOf(message, field);
    const start = content.byteOffset - message.bytes.byteOffset;
    if (this.#json === undefined || this.#jsonStart !== start) {
      this.#json = parseJson(message.bytes, start, start + content.length);
      this.#jsonStart = start;
    }
    return !isJsonFault(this.#json) && someAt(this.#json, path, at, test);
  }
}

/** A described node as a filter compares it: of one that holds others, how many. */
function jsonOf({ value, children = [], offset, length }: PlainNode): JsonValue {
  const place = { offset, length, members: [], items: [] };
  if (value !== null && !Number.isNaN(value))
    return { ...place, kind: typeof value as 'string' | 'number' | 'boolean', text: String(value) };
  if (children.length === 0) return { ...place, kind: 'null', text: 'null' };
  return { ...place, kind: 'array', text: '', items: children.map(() => NOTHING) };
}

const NOTHING: JsonValue = { kind: 'null', offset: 0, length: 0, text: 'null', members: [], items: [] };

/** Goes the path from its step `at` on, as `someAt` does. What is cut has no value. */
function someNode(node: PlainNode, path: readonly Step[], at: number, test: Test): boolean {
  const { children = [], cut } = node;
  if (at === path.length) return !(cut && children.length === 0) && test(jsonOf(node));
  const step = path[at];
  switch (step.kind) {
    case 'name':
      return children.some(child => child.name === step.name && someNode(child, path, at + 1, test));
    case 'index':
      return step.index < children.length && someNode(children[step.index], path, at + 1, test);
    case 'every':
      return children.some(child => someNode(child, path, at + 1, test));
  }
}

function someFinding(
  findings: readonly Finding[],
  field: 'rule' | 'severity' | 'finding' | 'fault',
  test: Test,
): boolean {
  for (const finding of findings) if (someOf(finding, field, test)) return true;
  return false;
}

function fieldOf({ fields }: Scope, name: string): Field | undefined {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** Beyond 2^53 by its digits: a double would be equal to its neighbours. */
function numberIn(message: Message, field: Field): Value {
  const value = message.wide(field);
  return typeof value === 'number' ? value : decimal(value)!;
}

function labelOf({ labels }: Field, value: number): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, value) ? labels[value] : undefined;
}

/** Goes the path from its step `at` on; as deep as the author wrote. Members of one name are all looked at. */
function someAt(value: JsonValue, path: readonly Step[], at: number, test: Test): boolean {
  if (at === path.length) return test(value);
  const step = path[at];
  switch (step.kind) {
    case 'name':
      return value.members.some(member => member.name === step.name && someAt(member.value, path, at + 1, test));
    case 'index':
      return step.index < value.items.length && someAt(value.items[step.index], path, at + 1, test);
    case 'every':
      return value.items.some(item => someAt(item, path, at + 1, test));
  }
}
