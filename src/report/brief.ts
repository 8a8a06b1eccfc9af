/**
 * A message's fields on one line: what the layout marks as worth it, JSON by its outermost scalars. Shared by whatever
 * shows a message a row: `dissect`, and the ladder of the terminal UI. Safe to print, as the displays of fields are.
 */
import type { SeenMessage } from '../protocol/protocol.ts';
import { visible } from '../wire/escape.ts';
import type { FieldNode } from '../wire/tree.ts';

/** Between two fields. */
const GAP = '  ';
/** Characters of a JSON string: a UUID, and a digest's beginning, are seen. */
const BRIEF_STRING = 40;
const BRIEF_NAME = 24;
const BRIEF_TEXT = 80;
const BRIEF_MEMBERS = 16;

/**
 * `tag=0xcf742a  length=20`, empty where no field is worth it. Bytes of any length show how many they are.
 *
 * @param nodes the message's field tree; empty without a layout
 */
export function brief(
  nodes: readonly FieldNode[],
  { layout, message }: Pick<SeenMessage, 'layout' | 'message'>,
): string {
  if (!layout) return `${message.length} bytes`;
  return briefFields(nodes).join(GAP);
}

function briefFields(nodes: readonly FieldNode[]): string[] {
  return nodes.flatMap(node => {
    const { field, name, length, value, display, children = [] } = node;
    if (field?.brief === false) return [];
    if (field?.kind === 'json') return briefJson(node);
    if (field?.kind === 'group') return briefFields(children);
    if (field?.kind === 'list' && children.length === 0) return [];
    // Of flags those that are set.
    if (field?.parts.length) return briefFields(children.filter(part => part.field?.mask !== 1 || part.value !== 0));
    if (name === 'trailing' || (field?.rest && field.kind !== 'list')) return [`${name}=${length} bytes`];
    const isLong = field !== undefined && field.extent.of !== 'fixed';
    // Without what tells the length.
    if (isLong && field.kind === 'bytes' && typeof value === 'string') return [`${name}=${value.length / 2} bytes`];
    return [`${name}=${isLong ? shortened(display, BRIEF_TEXT) : display}`];
  });
}

/** The text, or as much of its beginning as leaves `most` characters with the three dots. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3)}...`;
}

/** `mid="..."`, `response="Ok"`; what is no JSON object shows what it is instead. */
function briefJson({ name, length, display, cut, json, children = [] }: FieldNode): string[] {
  if (cut) return [`${name}=${length} bytes`];
  if (json !== 'object') return [`${name}=${shortened(display, BRIEF_TEXT)}`];
  const scalars = children.filter(member => member.json !== undefined && member.children === undefined);
  const shown = scalars
    .slice(0, BRIEF_MEMBERS)
    .map(member => `${shortened(member.title, BRIEF_NAME)}=${briefScalar(member)}`);
  return scalars.length > BRIEF_MEMBERS ? [...shown, '...'] : shown;
}

function briefScalar({ json, value, display }: FieldNode): string {
  return json === 'string' ? `"${shortened(visible(String(value)), BRIEF_STRING)}"` : shortened(display, BRIEF_STRING);
}
