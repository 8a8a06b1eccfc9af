/**
 * How rows are shown, by keys and commands alike: the form of the conversation, the format of times, the order of connections,
 * and which of them; and whether the bell rings for those that come.
 */
import { BY_NUMBER } from './sorting.ts';
import type { ModelState } from './state.ts';

export function setTime(model: ModelState, format: ModelState['time']): void {
  model.time = format;
  model.say(`time: ${format}`);
}

export function setForm(model: ModelState, form: ModelState['form']): void {
  model.form = form;
  const isList = model.view === 'messages' && form === 'ladder';
  model.say(isList ? 'a ladder needs one connection: all are shown as a list' : `shown as a ${form}`);
}

export function sortBy(model: ModelState, column: ModelState['sorting']['column'], reverse: boolean): void {
  model.sorting = column === 'number' && !reverse ? BY_NUMBER : { column, reverse };
  model.say(`sorted by ${column}${reverse ? ', reversed' : ''}`);
}

/** The switch is not turned on where it would leave nothing that could still come. */
export function onlyFindings(model: ModelState): void {
  const { only, history, run } = model;
  if (!only.findings && history.findings.list.length === 0 && run.state === 'ended') {
    model.say('no finding', 'dim');
    return;
  }
  model.only = { ...only, findings: !only.findings };
  model.say(
    only.findings
      ? 'shown with findings or without'
      : `only what has findings; ${model.keys.print('only-findings')} shows all`,
  );
}

export function onlyMarked(model: ModelState): void {
  const { only, marks } = model;
  if (!only.marked && marks.letters.length === 0) {
    model.say(`no marks yet: ${model.keys.print('mark')} sets one`, 'dim');
    return;
  }
  model.only = { ...only, marked: !only.marked };
  model.say(only.marked ? 'shown marked or not' : `only what is marked; ${model.keys.print('only-marked')} shows all`);
}

export function switchBell(model: ModelState): void {
  const { arrivals, run } = model;
  arrivals.bell = !arrivals.bell;
  const until = run.live ? `${model.keys.print('bell')} switches it off` : 'no finding comes here: this is not live';
  model.say(arrivals.bell ? `the bell rings for findings as they come; ${until}` : 'the bell is off');
}

export function setTheme(model: ModelState, name: string): void {
  model.theme = name;
  model.emit({ kind: 'theme', name });
  model.say(`theme: ${name}`);
}

export function nextTheme(model: ModelState): void {
  const { themes, theme } = model;
  setTheme(model, themes[(themes.indexOf(theme) + 1) % themes.length]);
}
