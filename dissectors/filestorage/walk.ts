/**
 * Goes over the members of one message by its table (members.ts), finds which are there and of which type, and hands
 * those of the right type on. It goes as deep as the tables do; what no table knows is looked through for members that
 * appear twice, no deeper than the JSON parser allowed.
 */
import type { JsonMember, JsonValue } from '../../src/sdk.ts';
import { isInteger } from './integers.ts';
import type { ItemRow, MemberRow, MemberTable, MemberType } from './members.ts';
import type { Outcomes } from './outcomes.ts';
import { reportMissing, reportRepeated, reportUnknown, reportWrongType } from './rules/members.ts';
import type { Values } from './values.ts';

const TYPES: Readonly<Record<MemberType, string>> = {
  string: 'a string',
  integer: 'an integer',
  object: 'an object',
  array: 'an array',
  bytes: 'a string or an array',
  any: 'anything',
};

export class Walk {
  readonly #outcomes: Outcomes;
  readonly #values: Values;
  readonly #messageName: string;

  constructor(messageName: string, outcomes: Outcomes, values: Values) {
    this.#messageName = messageName;
    this.#outcomes = outcomes;
    this.#values = values;
  }

  /** @param path of the object in the message, with a dot at its end; empty for the message itself */
  object(object: JsonValue, table: MemberTable, path = ''): void {
    if (table.isFile) this.#values.beginFile();
    let known = 0;
    for (const row of table.rows) known += this.#row(object, row, path);
    if (known < object.members.length) this.#unknown(object, table, path);
  }

  /** Judges the member of a row. Returns how many members of the object the row knows. */
  #row(object: JsonValue, row: MemberRow, path: string): number {
    const { members } = object;
    let taken: JsonMember | undefined;
    let known = 0;
    for (const name of row.names) {
      let last = -1;
      let times = 0;
      for (let i = 0; i < members.length; i++) {
        if (members[i].name !== name) continue;
        last = i;
        times++;
      }
      if (times > 1) reportRepeated(members[last], times, path, this.#outcomes);
      if (times > 0) taken ??= members[last];
      known += times;
    }
    if (taken) {
      this.#member(taken.value, row, `${path}${taken.name}`);
      return known;
    }
    const misnamed = members.find(({ name }) => row.misnomers.includes(name));
    if (row.required)
      reportMissing(object, { names: row.names, misnamed }, { path, messageName: this.#messageName }, this.#outcomes);
    return misnamed ? 1 : 0;
  }

  #member(value: JsonValue, row: MemberRow, path: string): void {
    if (!this.#fits(value, row, path)) {
      this.#lookThrough(value, path);
      return;
    }
    if (row.role !== 'none') this.#values.take(row.role, value, path);
    if (row.members) this.object(value, row.members, `${path}.`);
    else if (row.items) this.#items(value.items, row.items, path);
    else if (row.role !== 'data' && isContainer(value)) this.#lookThrough(value, path);
  }

  #items(items: readonly JsonValue[], row: ItemRow, path: string): void {
    items.forEach((item, index) => {
      const at = `${path}[${index}]`;
      if (item.kind !== row.type) reportWrongType(item, TYPES[row.type], at, this.#outcomes);
      else if (row.members) this.object(item, row.members, `${at}.`);
    });
  }

  /** Whether the value has the row's type; if not, reports that. */
  #fits(value: JsonValue, { type, role }: MemberRow, path: string): boolean {
    const { kind } = value;
    const fits =
      kind === type ||
      type === 'any' ||
      (type === 'bytes' && (kind === 'string' || kind === 'array')) ||
      // Whether the number of a size is an integer is a rule of its own.
      (type === 'integer' && kind === 'number' && (role === 'file-size' || isInteger(value.text)));
    if (!fits) reportWrongType(value, TYPES[type], path, this.#outcomes);
    return fits;
  }

  #unknown(object: JsonValue, { rows }: MemberTable, path: string): void {
    const times = new Map<string, number>();
    const last = new Map<string, JsonMember>();
    for (const member of object.members) {
      const { name } = member;
      if (rows.some(row => row.names.includes(name) || isMisnamed(row, name, object))) continue;
      times.set(name, (times.get(name) ?? 0) + 1);
      last.set(name, member);
    }
    for (const [name, member] of last) {
      reportUnknown(member, `${path}${name}`, this.#messageName, this.#outcomes);
      const count = times.get(name) ?? 0;
      if (count > 1) reportRepeated(member, count, path, this.#outcomes);
      this.#lookThrough(member.value, `${path}${name}`);
    }
  }

  /** Finds members that appear twice in whatever the tables say nothing about. */
  #lookThrough(value: JsonValue, path: string): void {
    value.items.forEach((item, index) => {
      if (isContainer(item)) this.#lookThrough(item, `${path}[${index}]`);
    });
    if (value.kind !== 'object') return;
    const times = new Map<string, number>();
    for (const { name } of value.members) times.set(name, (times.get(name) ?? 0) + 1);
    for (const member of value.members) {
      const count = times.get(member.name) ?? 0;
      if (count > 1) reportRepeated(member, count, `${path}.`, this.#outcomes);
      times.delete(member.name);
      this.#lookThrough(member.value, `${path}.${member.name}`);
    }
  }
}

function isContainer({ kind }: JsonValue): boolean {
  return kind === 'object' || kind === 'array';
}

/** Is this the wrong name of a member that is not there under a right one? */
function isMisnamed({ names, misnomers }: MemberRow, name: string, { members }: JsonValue): boolean {
  return misnomers.includes(name) && !members.some(member => names.includes(member.name));
}
