/**
 * Which panes of a view stand where, by the size of the screen: side by side where it is wide, else above each other, and
 * without those for which there is no room. The pane in focus is always there. Between two panes is a split, at the share of
 * the room that somebody gave it; it has a name for each way of lying, since what is right beside each other is not above.
 */
import type { Size } from '../text/line.ts';
import { PANES_OF, type PaneKind, type View } from '../views.ts';

/** A pane with its border, in cells of the screen. */
export interface Area {
  readonly kind: PaneKind;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Rectangle = Omit<Area, 'kind'>;

/** Panes `columns` beside each other, or `rows` above each other. */
type Across = 'columns' | 'rows';

/** What stands on both sides of a split, and the first side's share of the room if nobody gave it another one. */
interface Split {
  readonly name: string;
  readonly across: Across;
  readonly share: number;
  readonly first: Arrangement;
  readonly second: Arrangement;
}

type Arrangement = PaneKind | Split;

/** A split where it lies. */
export interface Border {
  readonly name: string;
  readonly across: Across;
  /** Where the second side begins: an x between columns, a y between rows. */
  readonly at: number;
  /** Of both sides. */
  readonly room: Rectangle;
  /** Bounds of `at`, so that each pane keeps its least size. */
  readonly least: number;
  readonly most: number;
  /** That stand directly beside it, and not behind another split. */
  readonly panes: readonly PaneKind[];
}

/** Where panes stand, and the splits between them, an outer one before those within. */
export interface Placing {
  readonly areas: readonly Area[];
  readonly borders: readonly Border[];
}

/** Share of the first side by the name of a split. */
export type Shares = Readonly<Record<string, number>>;

/** From this width on there is room for panes side by side. */
const WIDE = 100;
/** From this width on a list of findings has room for its columns beside another pane. */
const WIDE_LIST = 180;
/** From this width on the conversation of the chosen connection stands beside the list of them. */
const WIDE_PREVIEW = 140;
/** Fields and hex side by side, each with 8 bytes a row. */
const LEAST_FOR_HEX = 76;
/** Below, a pane shows nothing worth its border. */
const LEAST_PANE = { width: 20, height: 4 };

/** Smaller screens show one line that says so. */
export const LEAST_SCREEN = { width: 40, height: 10 };

/**
 * @param room for all panes together
 * @param shares that somebody gave to splits
 */
export function placingOf(view: View, focus: PaneKind, zoomed: boolean, room: Rectangle, shares: Shares): Placing {
  const alone = { areas: [{ kind: focus, ...room }], borders: [] };
  if (zoomed) return alone;
  const { areas, borders } = placed(arranged(view, room), room, shares);
  const seen = areas.filter(({ height }) => height >= LEAST_PANE.height);
  return seen.length > 1 && seen.some(({ kind }) => kind === focus) ? { areas: seen, borders } : alone;
}

function arranged(view: View, room: Rectangle): Arrangement {
  const isWide = room.width >= WIDE;
  switch (view) {
    case 'connections':
      return room.width >= WIDE_PREVIEW ? columns(view, 0.56, 'connections', 'preview') : 'connections';
    case 'conversation':
      return isWide
        ? columns(view, 0.54, 'messages', rows(`${view}.bytes`, 0.5, 'fields', 'hex'))
        : rows(view, 0.52, 'messages', fieldsBesideHex(view, room));
    case 'messages':
      // Whose each message is takes the whole width.
      return rows(view, 0.52, 'messages', fieldsBesideHex(view, room));
    case 'held':
      return rows(view, 0.45, 'held', fieldsBesideHex(view, room));
    case 'message':
      return isWide ? fieldsBesideHex(view, room) : rows(`${view}.bytes`, 0.5, 'fields', 'hex');
    case 'findings':
      return room.width >= WIDE_LIST
        ? columns(view, 0.6, 'findings', 'finding')
        : rows(view, 0.42, 'findings', 'finding');
    case 'flows':
      return rows(view, 0.5, 'flows', 'flow');
    case 'states':
      return isWide ? columns(view, 0.42, 'messages', 'machine') : rows(view, 0.7, 'machine', 'messages');
    default:
      return PANES_OF[view][0];
  }
}

function fieldsBesideHex(view: View, { width }: Rectangle): Arrangement {
  return width < LEAST_FOR_HEX ? 'fields' : columns(`${view}.bytes`, 0.5, 'fields', 'hex');
}

function columns(name: string, share: number, first: Arrangement, second: Arrangement): Split {
  return { name: `${name}.columns`, across: 'columns', share, first, second };
}

function rows(name: string, share: number, first: Arrangement, second: Arrangement): Split {
  return { name: `${name}.rows`, across: 'rows', share, first, second };
}

function placed(node: Arrangement, room: Rectangle, shares: Shares): Placing {
  if (typeof node === 'string') return { areas: [{ kind: node, ...room }], borders: [] };
  const { name, across, first, second } = node;
  const from = across === 'columns' ? room.x : room.y;
  const whole = across === 'columns' ? room.width : room.height;
  const least = from + leastOf(first, across);
  const most = from + whole - leastOf(second, across);
  const own = Object.hasOwn(shares, name) && Number.isFinite(shares[name]) ? shares[name] : undefined;
  const wanted = from + Math.round(whole * (own ?? node.share));
  const at = own !== undefined && least <= most ? Math.max(least, Math.min(wanted, most)) : wanted;
  const size = Math.max(0, Math.min(at - from, whole));
  const [one, other] =
    across === 'columns'
      ? [
          { ...room, width: size },
          { ...room, x: room.x + size, width: whole - size },
        ]
      : [
          { ...room, height: size },
          { ...room, y: room.y + size, height: whole - size },
        ];
  const [left, right] = [placed(first, one, shares), placed(second, other, shares)];
  const panes = [first, second].filter(side => typeof side === 'string');
  const border: Border = { name, across, at: from + size, room, least, most, panes };
  return { areas: [...left.areas, ...right.areas], borders: [border, ...left.borders, ...right.borders] };
}

/** Cells in one direction that all panes need. */
function leastOf(node: Arrangement, across: Across): number {
  if (typeof node === 'string') return across === 'columns' ? LEAST_PANE.width : LEAST_PANE.height;
  const [first, second] = [leastOf(node.first, across), leastOf(node.second, across)];
  return node.across === across ? first + second : Math.max(first, second);
}

/** Room within the border. */
export function innerSize({ width, height }: Area): Size {
  return { width: Math.max(1, width - 2), height: Math.max(1, height - 2) };
}
