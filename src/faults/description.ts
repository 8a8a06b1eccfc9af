/** Faults and steps in plain words, for the log of a run. */
import type { Action, Fault, Occasion } from './fault.ts';
import type { Step } from './step.ts';

/** `from clients: loses 5% of what passes`, `loses the 1st message with type == COOKIE-ACK`. */
export function describe({ from, action, occasion }: Fault): string {
  const whole = [actionText(action, objectText(occasion), occasion), ...limitTexts(occasion)].join(', ');
  return from ? `from ${from}s: ${whole}` : whole;
}

/** `step "lossy": from 5s on, for 10s; for each connection`. */
export function describeStep({ name, at, after, for: length, until, perConnection }: Step, number: number): string {
  const whole = name === '' ? `step ${number}` : `step ${number}, ${name}`;
  const begins = [
    ...(at > 0 ? [`from ${time(at)} on`] : []),
    ...(after ? [`after ${occasionText(after)}`] : []),
    ...(at === 0 && !after ? ['from the beginning'] : []),
  ];
  const ends = [
    ...(length === undefined ? [] : [`for ${time(length)}`]),
    ...(until ? [`until ${occasionText(until).replace(/^each (?=message)/, 'a ')}`] : []),
  ];
  return `${whole}: ${[...begins, ...ends].join(', ')}${perConnection ? '; for each connection by itself' : ''}`;
}

/** @param what whom it befalls: `5% of what passes` */
function actionText(action: Action, what: string, { condition }: Occasion): string {
  switch (action.kind) {
    case 'drop':
      return `loses ${what}`;
    case 'delay':
      return `delays ${what} by ${delayText(action.milliseconds, action.jitter)}`;
    case 'duplicate':
      return `passes on ${what} ${action.copies === 1 ? 'twice' : `${action.copies + 1} times`}`;
    case 'reorder':
      return `passes on ${what} after the next one`;
    case 'corrupt':
      return `turns over a bit of ${what}${action.anywhere ? ', also where it is cut otherwise then' : ''}`;
    case 'trickle':
      return `passes on the bytes of ${what} one by one, ${time(action.milliseconds)} apart`;
    case 'cut':
      return `passes on the first bytes only of ${what}, and closes the connection`;
    case 'stall':
      return `passes on no more from ${what} on`;
    case 'close':
      return `closes the connection ${action.when === 'before' ? 'in place of' : 'after'} ${what}`;
    case 'abort':
      return `breaks off the connection ${action.when === 'before' ? 'in place of' : 'after'} ${what}`;
    case 'send':
      return `sends ${action.text} to the ${action.to} ${action.when === 'before' ? 'before' : 'after'} ${what}`;
    case 'set':
      return `sets ${action.text} in ${what}`;
    case 'rate':
      return `passes on ${condition ? what : 'each direction of each connection'} at ${action.text}`;
    case 'burst': {
      const length = action.leave === 0 ? '' : `, ${rounded(1 / action.leave)} long on average`;
      const loss = action.loss === 1 ? 'all' : percent(action.loss);
      return `loses ${loss} of what passes in bursts, which begin with ${percent(action.enter)} and end with ${percent(action.leave)} of it${length}`;
    }
  }
}

function objectText({ condition, nth, every, from, times, chance }: Occasion): string {
  const share = chance === undefined ? '' : `${percent(chance)} of `;
  if (!condition && (nth ?? every ?? from ?? times) === undefined) return `${share}what passes`;
  const noun = condition ? `message with ${condition.text}` : 'unit';
  if (nth !== undefined) return `${share}the ${ordinal(nth)} ${noun}`;
  return `${share}each ${every === undefined ? '' : `${ordinal(every)} `}${noun}`;
}

function limitTexts({ from, times, perConnection }: Occasion): string[] {
  return [
    ...(from === undefined ? [] : [`from the ${ordinal(from)} on`]),
    ...(times === undefined ? [] : [times === 1 ? 'once' : `${times} times at most`]),
    ...(perConnection ? ['in each connection'] : []),
  ];
}

/** The same in one. */
function occasionText(occasion: Occasion): string {
  return [objectText(occasion), ...limitTexts(occasion)].join(', ');
}

function delayText(milliseconds: number, jitter: number): string {
  return jitter === 0 ? time(milliseconds) : `${time(milliseconds - jitter)} to ${time(milliseconds + jitter)}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `20ms`, `1.5s`, `2m`. */
function time(milliseconds: number): string {
  for (const [unit, length] of UNITS)
    if (milliseconds >= length && (milliseconds * 10) % length === 0) return `${milliseconds / length}${unit}`;
  return `${milliseconds}ms`;
}

function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(12))}%`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** `1st`, `2nd`, `3rd`, `11th`. */
export function ordinal(number: number): string {
  const tens = number % 100;
  const ending = tens >= 11 && tens <= 13 ? undefined : ['st', 'nd', 'rd'][(number % 10) - 1];
  return `${number}${ending ?? 'th'}`;
}
