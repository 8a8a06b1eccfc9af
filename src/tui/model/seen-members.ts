/**
 * Members of JSON that messages here have: what completion offers behind a field besides the members that its protocol names.
 * Some messages are looked at, the selected one among them, not all: it is asked at every key.
 */
import type { FieldEntry } from '../../filter/catalogue.ts';
import { memberNames } from '../../filter/json-members.ts';
import { isJsonFault, parseJson } from '../../wire/json.ts';
import { contentOf } from '../../wire/value.ts';
import type { ModelState } from './state.ts';

/** Messages that are looked at, from the selected one's neighbourhood. */
const LOOKED_AT = 40;
/** Bytes of JSON that a key may wait for. */
const LONGEST = 65_536;

type Looked = Pick<ModelState, 'history' | 'run' | 'message'>;

export function seenMembers({ history, run, message }: Looked, { place, name }: FieldEntry): readonly string[] {
  if (place.of !== 'layout' || name !== `${place.protocol}.${place.field}`) return [];
  const { messages } = history;
  const first = Math.max(0, Math.min(message, messages.count - LOOKED_AT));
  const names = new Set<string>();
  for (let number = first; number < Math.min(messages.count, first + LOOKED_AT); number++) {
    const { fields = {} } = messages.layout(number) ?? {};
    if (!Object.hasOwn(fields, place.field) || fields[place.field].kind !== 'json') continue;
    const seen = history.recall(number, run.bytes);
    if (seen.protocol !== place.protocol) continue;
    const content = contentOf(seen.message, fields[place.field]);
    const value = content.length > LONGEST ? undefined : parseJson(content, 0, content.length);
    if (value && !isJsonFault(value)) for (const member of memberNames(value)) names.add(member);
  }
  return [...names];
}
