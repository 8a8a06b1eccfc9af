/**
 * A theme in a file, YAML or JSON: how some roles look, and the theme that the others are taken from.
 *
 *     base: light
 *     error: { fg: '#c00000', bold: true }
 *     client: 24
 */
import { basename, extname } from 'node:path';
import { complaint, type Located, quoted, type SourceFile, shown } from '../../configuration/located.ts';
import { unknown } from '../../settings/words.ts';
import type { Role } from '../text/line.ts';
import { COLOR_NAMES, type Color, colorOf } from './colors.ts';
import { GROUNDS, type Ground, type OwnTheme, ROLES, type RoleStyle } from './theme.ts';

const BASE = 'base';
const COLORS = ['fg', 'bg'];
const FLAGS = ['bold', 'underline', 'reverse'];
const COLOR_WORDS = `a number from 0 to 255, '#rrggbb', or one of ${COLOR_NAMES.join(', ')}`;

/**
 * @param ground of what it is based on, if it does not say it
 * @throws UsageError for the first thing that is wrong with it, with its place in the file
 */
export function ownThemeOf(root: Located, file: SourceFile, ground: Ground): OwnTheme {
  if (root.kind !== 'object') throw complaint(file, root.at, `expected an object of roles, not ${quoted(root)}`);
  let base = ground;
  const roles: Partial<Record<Role, RoleStyle>> = {};
  for (const { key, at, value } of root.members) {
    if (key === BASE) base = baseOf(value, file);
    else {
      const role = ROLES.find(known => known === key);
      if (!role) throw complaint(file, at, unknown('role', shown(key), [...ROLES, BASE]));
      roles[role] = styleOf(value, file, role);
    }
  }
  return { name: basename(file.path, extname(file.path)), ground: base, roles };
}

function baseOf(value: Located, file: SourceFile): Ground {
  const ground = GROUNDS.find(known => value.kind === 'value' && value.value === known);
  if (!ground) throw complaint(file, value.at, `${BASE}: ${quoted(value)}: expected one of ${GROUNDS.join(', ')}`);
  return ground;
}

function styleOf(value: Located, file: SourceFile, role: Role): RoleStyle {
  if (value.kind !== 'object') return { fg: colorIn(value, file, role) };
  return Object.fromEntries(
    value.members.map(({ key, at, value: own }) => {
      const path = `${role}.${shown(key)}`;
      if (COLORS.includes(key)) return [key, colorIn(own, file, path)];
      if (!FLAGS.includes(key))
        throw complaint(file, at, `${role}: ${unknown('attribute', shown(key), [...COLORS, ...FLAGS])}`);
      if (own.kind === 'value' && typeof own.value === 'boolean') return [key, own.value];
      throw complaint(file, own.at, `${path}: ${quoted(own)}: expected true or false`);
    }),
  );
}

function colorIn(value: Located, file: SourceFile, path: string): Color {
  const color = value.kind === 'value' ? colorOf(value.value) : undefined;
  if (color === undefined) throw complaint(file, value.at, `${path}: ${quoted(value)}: expected ${COLOR_WORDS}`);
  return color;
}
