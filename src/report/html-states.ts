/**
 * A state machine as a picture: states one below the other in the order of the table, steps that go down as arcs on the
 * right, steps that go back on the left. Arcs are numbered and explained below, so that no label lies over another.
 */

import type { MachineCoverage } from '../protocol/coverage.ts';
import type { StateGraph } from '../protocol/diagram.ts';
import { type Html, scrolling, tag } from './html-text.ts';
import { counted } from './numbers.ts';

const BOX_WIDTH = 190;
const BOX_HEIGHT = 26;
const ROW = 48;
const TOP = 16;
/** By which an arc stands out, for each state that it passes. */
const BULGE = 15;
const LEAST_BULGE = 22;
const NUMBER_RADIUS = 9;
const HALF = 2;

/** States that some endpoint was in, and ways that were taken, stand out. */
export function stateDiagram(graph: StateGraph, { states: seen, moves }: MachineCoverage): Html {
  const { states, arrows, final, roles, everywhere } = graph;
  const takenOf = ({ from, to }: StateGraph['arrows'][number]) =>
    moves
      .filter(move => roles.includes(move.role) && move.to === to && (move.from === from || from === everywhere))
      .reduce((sum, { taken }) => sum + taken, 0);
  const reach = LEAST_BULGE + BULGE * states.length + NUMBER_RADIUS * HALF;
  const width = BOX_WIDTH + reach * HALF;
  const height = TOP * HALF + ROW * (states.length - 1) + BOX_HEIGHT;
  const left = (width - BOX_WIDTH) / HALF;
  const row = new Map(states.map((state, index) => [state, index]));
  const boxes = states.map((state, index) => {
    const classes = ['box', ...(seen.includes(state) ? ['seen'] : []), ...(final.includes(state) ? ['final'] : [])];
    const y = TOP + ROW * index;
    return tag('g', {}, [
      tag('rect', { class: classes.join(' '), x: left, y, width: BOX_WIDTH, height: BOX_HEIGHT, rx: 5 }),
      tag('text', { x: width / HALF, y: y + 17, 'text-anchor': 'middle' }, state),
    ]);
  });
  const arcs = arrows.map((arrow, index) => {
    const [a, b] = [row.get(arrow.from) ?? 0, row.get(arrow.to) ?? 0];
    return arc([a, b], a < b ? left + BOX_WIDTH : left, index + 1, takenOf(arrow) > 0);
  });
  const label = `states of ${graph.roles.join(' and ')}`;
  const svg = tag('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label }, [
    ...arcs,
    ...boxes,
  ]);
  const steps = arrows.map(arrow => {
    const taken = takenOf(arrow);
    const times = taken === 0 ? ', never taken' : `, taken ${counted(taken, 'time')}`;
    return tag('li', {}, [
      tag('b', {}, `${arrow.from} → ${arrow.to}`),
      `: ${arrow.lines.join('; ')}`,
      tag('span', { class: taken === 0 ? 'dim' : 'kept' }, times),
    ]);
  });
  return tag('div', {}, [tag('h3', {}, graph.roles.join(', ')), scrolling(svg), tag('ol', { class: 'steps' }, steps)]);
}

/** @param x the edge of the boxes that it starts and ends at; it goes down on the right and up on the left */
function arc([from, to]: readonly [number, number], x: number, number: number, isTaken: boolean): Html {
  const side = from < to ? 1 : -1;
  // What leaves and what arrives at a box do not meet: they keep to its halves.
  const start = TOP + ROW * from + BOX_HEIGHT / HALF + side * 6;
  const end = TOP + ROW * to + BOX_HEIGHT / HALF - side * 6;
  const bulge = side * (LEAST_BULGE + BULGE * (Math.abs(to - from) - 1));
  const [middle, apex] = [(start + end) / HALF, x + bulge * 0.75];
  return tag('g', {}, [
    tag('path', {
      class: isTaken ? 'seen' : undefined,
      d: `M${x} ${start}C${x + bulge} ${start} ${x + bulge} ${end} ${x} ${end}`,
    }),
    tag('path', { class: 'tip', d: `M${x} ${end}l${side * 8} -4v8z` }),
    tag('circle', { class: isTaken ? 'seen' : undefined, cx: apex, cy: middle, r: NUMBER_RADIUS }),
    tag('text', { x: apex, y: middle + 4, 'text-anchor': 'middle' }, number),
  ]);
}
