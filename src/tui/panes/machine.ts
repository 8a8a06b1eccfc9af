/**
 * The state machine of a connection, drawn from the protocol's own table: what the selected message did on both sides,
 * how each side came where it stands, what may be sent from there, and which rule all else would break. Nothing is
 * judged here: what was is read from the history, what may be from the table.
 */

import type { History } from '../../history/history.ts';
import {
  brokenStep,
  type ConnectionPath,
  type Step,
  standingAt,
  stepsUpTo,
  UNKNOWN_STATE,
} from '../../history/path.ts';
import type { Finding } from '../../lint/finding.ts';
import { hasOneState, type Way, waysOf } from '../../protocol/diagram.ts';
import type { MachineTable } from '../../protocol/machine.ts';
import { grouped } from '../../report/numbers.ts';
import { clip, pad, padStart, shown, widthOf, wrap } from '../text/cells.ts';
import { type Line, line, type Role, type Size, type Span, span } from '../text/line.ts';
import { beside, fittedLine } from '../text/spans.ts';
import { type Arrow, drawStates } from './machine-drawing.ts';

export interface MachineInput {
  readonly history: History;
  readonly connection: number;
  /** Index of the selected message; -1 for the end of the connection, or for as far as it has come. */
  readonly message: number;
  /** Of the connection (`pathOf`). */
  readonly path: ConnectionPath;
  /** First line in the window. */
  readonly top: number;
}

type Table = MachineTable<string, string, string>;
type Ends = readonly [client: string, server: string];

/** What the lines are made from. */
interface View {
  readonly input: MachineInput;
  readonly table: Table;
  readonly message: number;
  /** Steps up to the message. */
  readonly steps: readonly Step[];
  readonly standing: readonly [number, number];
  /** Names of the roles. */
  readonly roles: Ends;
  /** The connection has one state, and not one a side. */
  readonly shared: boolean;
}

const SIDES = [0, 1] as const;
const ROLE_OF_SIDE: readonly Role[] = ['client', 'server'];
/** From this width on, what may follow stands beside the states. */
const TWO_COLUMNS = 130;
const GAP = 3;
/** Steps that are listed; those before them are counted. */
const MOST_LISTED = 100;
/** Steps that are drawn: so many look the same as more of them. */
const MOST_DRAWN = 1_000;

export function machinePane(input: MachineInput, { width, height }: Size): Line[] {
  return machineLines(input, width).slice(input.top, input.top + height);
}

/** Lines of all there is to show. */
export function machineHeight(input: MachineInput, width: number): number {
  return machineLines(input, width).length;
}

function machineLines(input: MachineInput, width: number): Line[] {
  const view = viewOf(input);
  if (width < TWO_COLUMNS) {
    // On a low screen every line counts: the drawing's first one sets it off.
    return [
      ...headOf(view, width),
      ...drawingOf(view, width),
      line(),
      ...followingOf(view, width),
      line(),
      ...stepsOf(view, width),
    ];
  }
  const left = Math.floor((width - GAP) * 0.55);
  const right = width - GAP - left;
  return [
    ...headOf(view, width),
    line(),
    ...beside([...drawingOf(view, left), line(), ...stepsOf(view, left)], left + GAP, followingOf(view, right)),
  ];
}

function viewOf(input: MachineInput): View {
  const { history, connection, path } = input;
  const { table } = history.connections.protocol(connection).machine;
  const message = input.message >= 0 ? input.message : history.connections.last(connection);
  const steps = message < 0 ? [] : path.steps.slice(0, stepsUpTo(path, message));
  const standing = message < 0 ? path.start : standingAt(history, message).after;
  const roles: Ends = [table.roles[0], table.roles[table.roles.length - 1]];
  return { input, table, message, steps, standing, roles, shared: hasOneState(table) };
}

// What the message did

function headOf(view: View, width: number): Line[] {
  const { input, message, roles, standing, shared } = view;
  const { history, connection } = input;
  if (message < 0) return [line(span(clip('no message yet', width), 'heading'))];
  const { messages, connections } = history;
  const { before } = standingAt(history, message);
  const breach = brokenStep(history, message);
  const sender = history.fromClient(message) ? 0 : 1;
  const what = `frame ${messages.frame(message)}: ${shown(roles[sender])} sent ${shown(messages.name(message))}`;
  const again = messages.repeated(message) ? ' again: no step' : '';
  const ends = [connections.client(connection), connections.server(connection)];
  const titles = shared ? ['connection'] : SIDES.map(side => shown(`${roles[side]} ${ends[side]}`));
  const wide = Math.max(...titles.map(widthOf)) + GAP;
  return [
    line(span(clip(`${input.message < 0 ? 'last, ' : ''}${what}${again}`, width), breach?.severity ?? 'heading')),
    ...titles.map((title, side) => {
      const moves = moveOf(view, before[side], standing[side], breach?.severity);
      return fittedLine([span(pad(title, wide), shared ? 'plain' : ROLE_OF_SIDE[side]), ...moves], width);
    }),
    ...history.findings.ofMessage(message).flatMap(index => {
      const finding = history.findings.list[index];
      const text = finding === breach ? breachOf(view, finding, sender, before[sender]) : besideOf(finding);
      return wrap(shown(text), width).map(part => line(span(part, finding.severity)));
    }),
    ...(input.message < 0 && !connections.isOpen(connection)
      ? [line(span(clip(`the connection is over, in ${shown(connections.state(connection))}`, width), 'dim'))]
      : []),
  ];
}

/** A finding that does not concern the machine, but may be what the reader came for. */
function besideOf({ ruleId }: Finding): string {
  return `a finding, not about states: ${ruleId}`;
}

function moveOf({ table }: View, before: number, after: number, severity: Role | undefined): Span[] {
  if (before === after) return [span(stateName(table, after), 'strong'), span(', as before', 'dim')];
  return [span(`${stateName(table, before)} -> `, 'plain'), span(stateName(table, after), severity ?? 'match')];
}

/** The cell of the table that names the rule, in words. Some are only worth a remark, and accuse nobody. */
function breachOf({ table, message, roles, input }: View, finding: Finding, sender: number, state: number): string {
  const name = input.history.messages.name(message);
  const { ruleId, severity } = finding;
  const place = `${roles[sender]} in ${stateName(table, state)}`;
  if (severity === 'info') return `remark ${ruleId}: ${place} sends ${name}`;
  return `breaks ${ruleId}: ${place} must not send ${name}`;
}

function stateName({ states }: Table, state: number): string {
  return state === UNKNOWN_STATE ? 'unknown' : shown(states[state] ?? 'unknown');
}

// The states and the steps between them

function drawingOf(view: View, width: number): Line[] {
  const { table, standing, roles, steps } = view;
  const sides = SIDES.map(side => ({
    title: roles[side],
    role: ROLE_OF_SIDE[side],
    stands: rowOf(standing[side]),
    arrows: steps.slice(-MOST_DRAWN).flatMap(step => arrowOf(view, step, side)),
  }));
  return drawStates({ states: table.states, sides: [sides[0], sides[1]] }, width);
}

function rowOf(state: number): number {
  return state === UNKNOWN_STATE ? -1 : state;
}

/** The arrow of a step on one side. Where the state is the connection's, a step is drawn on the side that took it. */
function arrowOf(view: View, step: Step, side: 0 | 1): Arrow[] {
  const { input, message, shared } = view;
  const sends = step.fromClient === (side === 0);
  const isBreach = step.finding !== undefined && sends;
  if (shared && !sends) return [];
  if (step.before[side] === step.after[side] && !isBreach) return [];
  const { messages } = input.history;
  const frame = messages.frame(step.message);
  const verb = sends ? 'sent' : 'got';
  const label = step.silent ? `before ${frame}` : `${frame} ${verb} ${messages.name(step.message)}`;
  const isInHand = step.message === message && !step.silent;
  const role = isBreach && step.finding ? step.finding.severity : isInHand ? 'match' : ROLE_OF_SIDE[side];
  const weight = isInHand ? 2 : isBreach ? 1 : 0;
  return [{ from: rowOf(step.before[side]), to: rowOf(step.after[side]), label, role, weight }];
}

function stepsOf(view: View, width: number): Line[] {
  const { steps } = view;
  const listed = steps.slice(-MOST_LISTED);
  const before = steps.length - listed.length;
  const names = Math.max(0, ...listed.map(step => widthOf(nameOf(view, step))));
  return [
    line(span(clip(`Steps up to here: ${grouped(steps.length)}`, width), 'heading')),
    ...(before > 0 ? [line(span(clip(`  (${grouped(before)} before these)`, width), 'dim'))] : []),
    ...listed.flatMap(step => stepLines(view, step, names, width)),
  ];
}

const FRAME_WIDTH = 8;

function stepLines(view: View, step: Step, names: number, width: number): Line[] {
  const { input, message } = view;
  const frame = input.history.messages.frame(step.message);
  const moves = movesOf(view, step);
  const isInHand = step.message === message && !step.silent;
  const role: Role = step.finding?.severity ?? (isInHand ? 'match' : step.silent ? 'dim' : 'plain');
  const place = span(`${padStart(step.silent ? `< ${frame}` : String(frame), FRAME_WIDTH)}  `, 'dim');
  const first = fittedLine([place, span(pad(nameOf(view, step), names), role), ...moves], width);
  if (!step.finding) return [first];
  const { ruleId, severity } = step.finding;
  const rule = `${' '.repeat(FRAME_WIDTH + 2)}${severity === 'info' ? 'remark' : 'breaks'} ${shown(ruleId)}`;
  return [first, line(span(clip(rule, width), severity))];
}

/** Where a step led: the sender to `-> X`, the other side to `peer -> Y`. */
function movesOf({ table, roles, shared }: View, { before, after, fromClient, silent }: Step): Span[] {
  const [sender, receiver] = fromClient ? SIDES : ([1, 0] as const);
  const moved = SIDES.filter(side => before[side] !== after[side]);
  const alike = moved.length === 2 && after[0] === after[1];
  if (alike) return [span(`  ${shared ? '' : 'both '}-> ${stateName(table, after[0])}`)];
  return [sender, receiver].flatMap(side => {
    if (!moved.includes(side)) return [];
    const who = silent ? `${roles[side]} ` : side === sender ? '' : 'peer ';
    return [span(`  ${shown(who)}-> ${stateName(table, after[side])}`, ROLE_OF_SIDE[side])];
  });
}

function nameOf({ input, roles }: View, { message, silent, fromClient }: Step): string {
  if (silent) return '(no message)';
  return shown(`${roles[fromClient ? 0 : 1]} ${input.history.messages.name(message)}`);
}

// What may follow

/** What one side may send, or may not, from where it stands. */
interface Choice {
  readonly event: string;
  /** `to CLOSED`, or the rule that it would break. */
  readonly outcome: string;
  readonly legal: boolean;
}

function followingOf(view: View, width: number): Line[] {
  return SIDES.flatMap(side => {
    const { table, roles, standing } = view;
    const head = line(
      span(clip(shown(roles[side]), width), ROLE_OF_SIDE[side]),
      span(
        clip(` in ${stateName(table, standing[side])} may send`, Math.max(0, width - roles[side].length)),
        'heading',
      ),
    );
    if (standing[side] === UNKNOWN_STATE) return [head, line(span(clip('  unknown', width), 'dim'))];
    const choices = choicesOf(view, side);
    return [
      head,
      ...groupLines(
        choices.filter(({ legal }) => legal),
        'good',
        width,
      ),
      line(span(clip('  these break a rule', width), 'dim')),
      ...groupLines(
        choices.filter(({ legal }) => !legal),
        'error',
        width,
      ),
    ];
  });
}

/** A group of events for each outcome: the outcome first, for there are fewer of them. */
function groupLines(choices: readonly Choice[], role: Role, width: number): Line[] {
  const groups = new Map<string, string[]>();
  for (const { outcome, event } of choices) groups.set(outcome, [...(groups.get(outcome) ?? []), event]);
  if (groups.size === 0) return [line(span(clip('    nothing', width), 'dim'))];
  return [...groups].flatMap(([outcome, events]) => {
    const [first, ...rest] = wrap(shown(`${events.join(', ')}: ${outcome}`), Math.max(1, width - 4));
    return [first, ...rest].map(text => line(span(clip(`    ${text}`, width), role)));
  });
}

function choicesOf(view: View, side: 0 | 1): Choice[] {
  const { table, roles, standing } = view;
  const row = table.send[roles[side]][table.states[standing[side]]];
  return table.events.flatMap(event =>
    waysOf(row[event] ?? row.others)
      .map(way => ({ way, holds: holds(view, way, side) }))
      .filter(({ holds }) => holds !== false)
      .map(({ way, holds }) => choiceOf(event, way, holds === undefined ? way.condition : '')),
  );
}

function choiceOf(event: string, { cell }: Way, condition: string): Choice {
  if (cell?.kind === 'break') return { event, outcome: `${cell.rule}${condition}`, legal: false };
  const next = cell?.kind === 'go' ? cell.next : undefined;
  return { event, outcome: `${next === undefined ? 'changes nothing' : `to ${next}`}${condition}`, legal: true };
}

/**
 * Whether a way is the one that applies: undefined where that is not known, because the fact may lie before the
 * capture, or is an event that is no message (`DATA (bare)`) and so cannot be found by name.
 */
function holds({ input, message }: View, { fact }: Way, side: 0 | 1): boolean | undefined {
  if (!fact) return true;
  const { history, connection, path } = input;
  const who = fact.who === 'self' ? side : side === 0 ? 1 : 0;
  const first = path.firstSent[who].get(fact.event);
  if (first !== undefined && first <= message) return fact.sent;
  const isMessage = history.connections.protocol(connection).layouts.some(({ name }) => name === fact.event);
  const isWhole = history.connections.verdict(connection) !== 'inconclusive';
  return isMessage && isWhole ? !fact.sent : undefined;
}
