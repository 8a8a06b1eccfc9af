/** How rows are shown, by keys and commands alike: the form of the conversation, the format of times, the order of connections. */
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
  model.say(`sorted by ${column}${reverse ? ', the other way round' : ''}`);
}
