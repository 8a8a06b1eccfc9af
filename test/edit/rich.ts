/** For each layout a message with all that it may have: every field a value, every kind of item one. */
import type { Assignment } from '../../src/edit/assignments.ts';
import type { Step } from '../../src/filter/syntax.ts';
import { printField } from '../../src/filter/syntax.ts';
import type { AnyProtocol } from '../../src/protocol/protocol.ts';
import { bytesOf, type Field, type Layout, type Scope } from '../../src/wire/layout.ts';
import { assignment } from './leaves.ts';

/** Values for all fields but those that tell of others, which follow. */
export function richValues(protocol: AnyProtocol, layout: Layout): readonly Assignment[] {
  const told = protocol.id === 'mqtt' ? ['remainingLength'] : ['length', 'byteCount', 'count'];
  const constant = (field: Field) => told.includes(field.name) || isType(field, layout);
  return inScope(layout, []).flatMap(({ steps, field }) => {
    if (constant(field)) return [];
    const { text, quoted } = valueFor(layout, field);
    return [assignment(protocol, { name: printField({ steps }), steps }, text, quoted)];
  });
}

interface Found {
  readonly steps: readonly Step[];
  readonly field: Field;
}

function inScope(scope: Scope, before: readonly Step[]): Found[] {
  const measures = new Set(Object.values(scope.fields).map(({ measuredBy }) => measuredBy));
  return Object.values(scope.fields).flatMap(field => {
    const steps: Step[] = [...before, { kind: 'name', name: field.name }];
    if (field.kind === 'group' || field.parts.length > 0 || measures.has(field)) return [];
    if (!field.items) return [{ steps, field }];
    const { head, table, by } = field.items;
    const scopes = table.size === 0 ? [head, head] : [...table.values()];
    const types = [...table.keys()];
    return scopes.flatMap((inner, index) => {
      const found = inScope(inner, [...steps, { kind: 'index', index }]);
      return found.map(each =>
        each.field.name === by?.name
          ? { ...each, field: { ...each.field, mask: types[index], labels: { [types[index]]: 'its type' } } }
          : each,
      );
    });
  });
}

function isType({ labels = {} }: Field, { code, name }: Layout): boolean {
  return labels[code] === name || (Object.keys(labels).length === 1 && !Object.values(labels).includes('its type'));
}

function valueFor({ fields }: Layout, field: Field): { text: string; quoted: boolean } {
  const [only] = Object.entries(field.labels ?? {});
  if (only?.[1] === 'its type') return { text: only[0], quoted: false };
  const present = Object.values(fields).find(({ presentBy }) => presentBy?.name === field.name)?.presence;
  if (present?.of === 'when') {
    for (let value = 0; value < 256; value++) if (present.test(value)) return { text: String(value), quoted: false };
  }
  switch (field.kind) {
    case 'id':
      return { text: `0x${'5c'.repeat(bytesOf(field))}`, quoted: false };
    case 'bytes':
      return { text: `0x${'b1'.repeat(bytesOf(field) || 5)}`, quoted: false };
    case 'json':
      return { text: '{"a":1,"b":"x\\u0041é","c":[true,null,{"d":-2.5e3}],"a b":18446744073709551615}', quoted: true };
    case 'text':
      return { text: 'Q'.repeat(bytesOf(field) || 4), quoted: true };
    default:
      return { text: '1', quoted: false };
  }
}
