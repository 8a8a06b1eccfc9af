/** What the contract asks of `Protocol.wiresharkNames`: that they stand for fields that there are. */

import type { Layout, Scope } from '../wire/layout.ts';
import { at, isObject, isText, type Loose, objectsOf, shown } from './contract-words.ts';

export function wiresharkNameProblems(protocol: Loose): string[] {
  const { wiresharkNames } = protocol;
  if (wiresharkNames === undefined) return [];
  if (!isObject(wiresharkNames)) return [`wiresharkNames is ${shown(wiresharkNames)}, not an object`];
  const layouts = objectsOf(protocol, 'layouts') as unknown as readonly Layout[];
  const known = new Set(layouts.flatMap(layout => namesIn(layout, '')));
  return Object.entries(wiresharkNames).flatMap(([theirs, ours]) =>
    at(
      `wiresharkNames ${shown(theirs)}`,
      isText(ours) && known.has(ours) ? [] : [`no layout has the field ${shown(ours)}`],
    ),
  );
}

function namesIn({ fields }: Scope, before: string): string[] {
  return Object.values(fields ?? {}).flatMap(({ name, items }) => {
    const own = `${before}${name}`;
    if (!items) return [own];
    const scopes = [items.head, ...items.table.values(), ...(items.other ? [items.other] : [])];
    return [own, ...scopes.flatMap(scope => namesIn(scope, `${own}[*].`))];
  });
}
