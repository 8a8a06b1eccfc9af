/**
 * The fields that a filter may name, and what their values look like: the general ones, and those of the protocols' layouts
 * by the names in their tables. A filter is checked against it before anything is read, so that a misspelt name is a
 * complaint and not an empty result.
 */
import { SEVERITIES } from '../lint/rule.ts';
import { catalogues } from '../protocol/carrier.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Field, Scope } from '../wire/layout.ts';
import { WIRESHARK_NAMES } from './aliases.ts';
import type { FilterKind, GeneralName } from './subject.ts';

export interface FieldEntry {
  /** `type`, `mnet`, `mnet.sequence`; of what is in the items of a list `mqtt.topics[*].filter`. */
  readonly name: string;
  readonly kind: FilterKind;
  readonly meaning: string;
  /** Has a finding this field, too? A message has all. */
  readonly ofFindings: boolean;
  /** Known values of a `name`; names of a number's code points. */
  readonly names: readonly string[];
  /** There are no other values than `names`. */
  readonly closed: boolean;
  /** Of JSON: the members that are known, as they are named behind the field: `uploads[*].file.size`. */
  readonly holds: readonly string[];
  readonly place: EntryPlace;
}

export type EntryPlace =
  | { readonly of: 'general'; readonly field: GeneralName }
  | { readonly of: 'protocol'; readonly protocol: string }
  | { readonly of: 'layout'; readonly protocol: string; readonly field: string };

/** By name, and by the names that Wireshark has for them: there the entry's own name is another. */
export type FieldCatalogue = ReadonlyMap<string, FieldEntry>;

type GeneralRow = readonly [name: GeneralName, kind: FilterKind, ofFindings: boolean, meaning: string];

const GENERAL: readonly GeneralRow[] = [
  ['frame', 'number', true, 'number of the frame, from 1'],
  ['time', 'time', true, "seconds since the capture's first frame: 1.5 or 1.5s"],
  ['protocol', 'name', true, "the protocol's name; alone, mnet is protocol == mnet"],
  ['connection', 'number', true, 'number of the connection, from 1'],
  ['type', 'name', true, "the message's name: DATA"],
  ['length', 'number', false, 'bytes of the message'],
  ['addr', 'endpoint', true, 'either end: 10.0.0.1, 10.0.0.0/8, 10.0.0.1:7654, [2001:db8::1]:7654'],
  ['src', 'endpoint', true, 'the sender'],
  ['dst', 'endpoint', true, 'the receiver'],
  ['port', 'number', true, 'the port of either end'],
  ['srcport', 'number', true, "the sender's port"],
  ['dstport', 'number', true, "the receiver's port"],
  ['client', 'endpoint', false, 'the end that opened the connection'],
  ['server', 'endpoint', false, 'the other end'],
  ['state', 'name', true, "state of the connection after the message; of a finding, the sender's when it sent"],
  ['direction', 'name', false, 'who sent the message: client or server'],
  ['answers', 'number', false, 'frame of the earlier message that it answers or continues'],
  ['delay', 'time', false, 'seconds between that message and this one: 0.5 or 0.5s'],
  ['rule', 'name', true, 'id of a rule that was broken: mnet/tag-mismatch'],
  ['severity', 'severity', true, 'of a finding: info < warning < error'],
  ['finding', 'flag', true, 'there is a finding'],
  ['fault', 'endpoint', true, 'the end at fault for a finding'],
  ['text', 'text', false, "the message's bytes as characters"],
  ['bytes', 'bytes', false, "the message's bytes: 0d:0a"],
  ['comment', 'text', false, 'comment on the frame in the capture'],
];

/** Fields whose values are all known. A message's type may be unknown to the layouts, its state to the machine. */
const CLOSED: ReadonlySet<string> = new Set<GeneralName>(['protocol', 'direction', 'rule', 'severity']);

const DIRECTIONS = ['client', 'server'] as const;
/** From the least. */
export const SEVERITY_ORDER: readonly string[] = [...SEVERITIES].reverse();

/** The fields of these protocols; a general field goes before a protocol of its name. */
export function catalogueOf(protocols: readonly AnyProtocol[]): FieldCatalogue {
  const entries = new Map<string, FieldEntry>();
  const names = knownNames(protocols);
  for (const [field, kind, ofFindings, meaning] of GENERAL) {
    const known = names[field] ?? [];
    const place = { of: 'general', field } as const;
    entries.set(field, {
      name: field,
      kind,
      meaning,
      ofFindings,
      names: known,
      closed: CLOSED.has(field),
      holds: [],
      place,
    });
  }
  for (const protocol of protocols) {
    addProtocol(entries, protocol);
    for (const layout of protocol.layouts) {
      for (const top of Object.values(layout.fields)) addField(entries, protocol.id, top, top, protocol.id);
      for (const field of layout.described) addDescribed(entries, protocol.id, field);
    }
  }
  addAliases(entries, WIRESHARK_NAMES);
  for (const { id, wiresharkNames = {} } of protocols) {
    addAliases(
      entries,
      Object.entries(wiresharkNames).map(([theirs, ours]) => [`${id}.${theirs}`, `${id}.${ours}`] as const),
    );
  }
  return entries;
}

/** The fields of a catalogue, each once, by their own names. */
export function fieldsOf(catalogue: FieldCatalogue): readonly FieldEntry[] {
  return [...catalogue].filter(([name, entry]) => name === entry.name).map(([, entry]) => entry);
}

/** A field of ours goes before Wireshark's of that name. */
function addAliases(
  entries: Map<string, FieldEntry>,
  aliases: Iterable<readonly [theirs: string, ours: string]>,
): void {
  for (const [theirs, ours] of aliases) {
    const entry = entries.get(ours);
    if (entry && !entries.has(theirs)) entries.set(theirs, entry);
  }
}

function knownNames(protocols: readonly AnyProtocol[]): Partial<Record<GeneralName, readonly string[]>> {
  const all = (of: (protocol: AnyProtocol) => readonly string[]) => [...new Set(protocols.flatMap(of))];
  return {
    protocol: all(({ id }) => [id]),
    type: all(({ layouts }) => layouts.map(({ name }) => name)),
    state: all(({ machine }) => machine.table.states),
    direction: DIRECTIONS,
    rule: [...new Set(catalogues(protocols).flatMap(({ rules }) => rules.map(({ id }) => id)))],
    severity: SEVERITY_ORDER,
  };
}

function addProtocol(entries: Map<string, FieldEntry>, { id, title }: AnyProtocol): void {
  if (entries.has(id)) return;
  const place = { of: 'protocol', protocol: id } as const;
  const meaning = `of the protocol ${title}`;
  entries.set(id, { name: id, kind: 'flag', meaning, ofFindings: true, names: [], closed: true, holds: [], place });
}

/**
 * Messages of a protocol share fields by their names. Groups are not named: their fields are the message's.
 * @param top the field of the layout that it is in
 */
function addField(entries: Map<string, FieldEntry>, protocol: string, top: Field, row: Field, prefix: string): void {
  if (row.kind === 'group') return;
  const name = `${prefix}.${row.name}`;
  const before = entries.get(name);
  const kind = kindOf(row);
  const labels = [...(before?.names ?? []), ...Object.values(row.labels ?? {})];
  entries.set(name, {
    name,
    kind: before && before.kind !== kind ? 'mixed' : kind,
    meaning: before?.meaning || row.meaning,
    ofFindings: false,
    names: [...new Set(labels)],
    closed: false,
    holds: [...new Set([...(before?.holds ?? []), ...row.holds])],
    place: { of: 'layout', protocol, field: top.name },
  });
  for (const { fields } of scopesOf(row)) {
    for (const inner of Object.values(fields)) addField(entries, protocol, top, inner, `${name}[*]`);
  }
}

/** What a protocol tells of a message itself is a tree of values, and asked for as JSON is. */
function addDescribed(entries: Map<string, FieldEntry>, protocol: string, field: string): void {
  const name = `${protocol}.${field}`;
  const before = entries.get(name);
  const kind = before && before.kind !== 'json' ? 'mixed' : 'json';
  const meaning = before?.meaning || 'values in values: .name, [0], [*]';
  const place = { of: 'layout', protocol, field } as const;
  entries.set(name, {
    name,
    kind,
    meaning,
    ofFindings: false,
    names: before?.names ?? [],
    closed: false,
    holds: [],
    place,
  });
}

/** What items of a list may hold. */
function scopesOf({ items }: Field): readonly Scope[] {
  if (!items) return [];
  const { head, table, other } = items;
  return [head, ...table.values(), ...(other ? [other] : [])];
}

/** A list is there or not; what is in its items has fields of its own. */
export function kindOf({ kind }: Field): FilterKind {
  switch (kind) {
    case 'uint':
    case 'unixTime':
      return 'number';
    case 'group':
    case 'list':
      return 'flag';
    default:
      return kind;
  }
}
