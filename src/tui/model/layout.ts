/**
 * Which panes of a view stand where, by the size of the screen: side by side where it is wide, else above each other, and
 * without those for which there is no room. The pane in focus is always there.
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

/** From this width on there is room for panes side by side. */
const WIDE = 100;
/** Fields and hex side by side, each with 8 bytes a row. */
const LEAST_FOR_HEX = 76;
/** Below, a pane shows nothing worth its border. */
const LEAST_HEIGHT = 4;

/** Smaller screens show one line that says so. */
export const LEAST_SCREEN = { width: 40, height: 10 };

/** @param room for all panes together */
export function layoutOf(view: View, focus: PaneKind, zoomed: boolean, room: Rectangle): readonly Area[] {
  if (zoomed) return [{ kind: focus, ...room }];
  const areas = arranged(view, room).filter(({ height }) => height >= LEAST_HEIGHT);
  return areas.length > 1 && areas.some(({ kind }) => kind === focus) ? areas : [{ kind: focus, ...room }];
}

function arranged(view: View, room: Rectangle): Area[] {
  const isWide = room.width >= WIDE;
  switch (view) {
    case 'conversation': {
      const [messages, rest] = isWide ? columns(room, 0.54) : rows(room, 0.52);
      return [{ kind: 'messages', ...messages }, ...fieldsAndHex(rest, isWide)];
    }
    case 'held': {
      const [held, rest] = rows(room, 0.45);
      return [{ kind: 'held', ...held }, ...fieldsAndHex(rest, false)];
    }
    case 'message':
      return fieldsAndHex(room, !isWide);
    case 'findings': {
      const [list, one] = isWide && room.height < room.width / 3 ? columns(room, 0.5) : rows(room, 0.42);
      return [
        { kind: 'findings', ...list },
        { kind: 'finding', ...one },
      ];
    }
    case 'flows': {
      const [list, one] = rows(room, 0.5);
      return [
        { kind: 'flows', ...list },
        { kind: 'flow', ...one },
      ];
    }
    case 'states': {
      if (isWide) {
        const [messages, machine] = columns(room, 0.42);
        return [
          { kind: 'messages', ...messages },
          { kind: 'machine', ...machine },
        ];
      }
      const [machine, messages] = rows(room, 0.7);
      return [
        { kind: 'messages', ...messages },
        { kind: 'machine', ...machine },
      ];
    }
    default:
      return PANES_OF[view].map(kind => ({ kind, ...room }));
  }
}

function fieldsAndHex(room: Rectangle, isStacked: boolean): Area[] {
  if (isStacked) {
    const [fields, hex] = rows(room, 0.5);
    return [
      { kind: 'fields', ...fields },
      { kind: 'hex', ...hex },
    ];
  }
  if (room.width < LEAST_FOR_HEX) return [{ kind: 'fields', ...room }];
  const [fields, hex] = columns(room, 0.5);
  return [
    { kind: 'fields', ...fields },
    { kind: 'hex', ...hex },
  ];
}

function columns({ x, y, width, height }: Rectangle, share: number): [Rectangle, Rectangle] {
  const left = Math.round(width * share);
  return [
    { x, y, width: left, height },
    { x: x + left, y, width: width - left, height },
  ];
}

function rows({ x, y, width, height }: Rectangle, share: number): [Rectangle, Rectangle] {
  const upper = Math.round(height * share);
  return [
    { x, y, width, height: upper },
    { x, y: y + upper, width, height: height - upper },
  ];
}

/** Room within the border. */
export function innerSize({ width, height }: Area): Size {
  return { width: Math.max(1, width - 2), height: Math.max(1, height - 2) };
}
