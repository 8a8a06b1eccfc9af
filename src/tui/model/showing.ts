/**
 * How rows are shown, by keys and commands alike: the form of the conversation, the format of times, the order of connections,
 * and which of them.
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
  model.say(only.findings ? 'shown with findings or without' : 'only what has findings; f shows all');
}

export function onlyMarked(model: ModelState): void {
  const { only, marks } = model;
  if (!only.marked && marks.letters.length === 0) {
    model.say('no marks yet: M sets one', 'dim');
    return;
  }
  model.only = { ...only, marked: !only.marked };
  model.say(only.marked ? 'shown marked or not' : 'only what is marked; * shows all');
}
