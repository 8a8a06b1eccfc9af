/** The name of a field of a message as filters spell it, out of the rows of its tree. */
import { printField, type Step } from '../../filter/syntax.ts';
import { type FieldRow, parentOf } from '../panes/fields.ts';

interface NamedRows {
  readonly rows: readonly FieldRow[];
  readonly seen: { readonly protocol: string };
}

/** As filters spell it, with the way into lists and JSON: `filestorage.payload.files[0].size`. */
export function fieldName({ rows, seen }: NamedRows, row: number): string {
  const steps: Step[] = [];
  for (let at = row; at >= 0; at = parentOf(rows, at)) {
    const { name, field } = rows[at].node;
    const parent = rows[parentOf(rows, at)]?.node;
    const isItem = parent?.json === 'array' || parent?.field?.kind === 'list';
    // Fields of a group and parts of an integer stand beside it in filters.
    const isInside = at !== row && (field?.kind === 'group' || (field?.parts.length ?? 0) > 0);
    if (!isInside) steps.unshift(isItem ? { kind: 'index', index: Number(name) } : { kind: 'name', name });
  }
  return printField({ steps: [{ kind: 'name', name: seen.protocol }, ...steps] });
}
