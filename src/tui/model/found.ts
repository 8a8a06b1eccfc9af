/** The place within a message that has what is looked for: its field is opened and chosen, its bytes are marked. */
import type { FoundPlace } from './opened.ts';
import type { Sought } from './sought.ts';
import { placesIn, wayTo } from './sought-place.ts';
import type { ModelState } from './state.ts';

/** Shows the first place of the opened message, or backwards the last. */
export function showPlace(model: ModelState, sought: Sought, step: 1 | -1): void {
  const places = model.opened ? placesIn(model.opened, sought) : [];
  const place = step > 0 ? places[0] : places.at(-1);
  if (place) show(model, place);
}

/**
 * Shows the next place of the opened message behind where one is in it, or the one before. @returns it, if there is one
 * @param withIt where one is may be it
 */
export function shownPlace(model: ModelState, sought: Sought, step: 1 | -1, withIt: boolean): FoundPlace | undefined {
  const { opened } = model;
  if (!opened) return undefined;
  const places = placesIn(opened, sought);
  const { found, byte } = opened;
  const own = places.findIndex(place => place.path === found?.path && place.offset === found?.offset);
  const isBehind = ({ offset }: FoundPlace) => offset > byte || (withIt && offset === byte);
  const next = step > 0 ? places.findIndex(isBehind) : places.findLastIndex(({ offset }) => offset < byte);
  const place = places[own >= 0 && !withIt ? own + step : next];
  if (place) show(model, place);
  return place;
}

function show(model: ModelState, place: FoundPlace): void {
  const { opened, toggled } = model;
  if (!opened) return;
  const ancestors = place.path === undefined ? [] : wayTo(place.path).slice(0, -1);
  if (ancestors.some(path => toggled.has(path))) {
    for (const path of ancestors) toggled.delete(path);
    opened.fold(toggled);
  }
  opened.selectFound(place);
}
