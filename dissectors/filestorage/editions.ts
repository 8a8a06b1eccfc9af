/**
 * Which edition a connection speaks. An AUTHENTICATION tells it; any other first message of a connection that was seen
 * from its beginning makes it 2019-12. Where the beginning was missed, or the AUTHENTICATION cannot be read, a message
 * tells it that only one of the editions has: by its user type, or where both use the type, by a member's name.
 */
import type { Message } from '../../src/sdk.ts';
import { LAST_USER_TYPE } from './layouts.ts';
import { readJson } from './lookup.ts';
import type { Edition } from './terms.ts';

/** User types that both editions have, with members that only the message of one of them has. */
const MEMBERS: Readonly<Record<number, Readonly<Record<Edition, readonly string[]>>>> = {
  2: { '2019-12': ['response', 'reason'], '2020-01': ['file'] },
  3: { '2019-12': ['chunk', 'data'], '2020-01': ['name'] },
};

/** The edition that a message other than AUTHENTICATION belongs to beyond doubt. */
export function inferEdition(userType: number, message: Message): Edition | undefined {
  if (userType < 0 || userType > LAST_USER_TYPE) return undefined;
  const members = MEMBERS[userType];
  if (!members) return '2020-01';
  const names = readJson(message)?.members.map(({ name }) => name) ?? [];
  const has = (edition: Edition) => names.some(name => members[edition].includes(name));
  if (has('2019-12') === has('2020-01')) return undefined;
  return has('2019-12') ? '2019-12' : '2020-01';
}
