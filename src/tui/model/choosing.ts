/** What is chosen where a row was selected in a pane, or where nothing was chosen yet. */
import type { PaneKind } from '../views.ts';
import type { ModelState } from './state.ts';

export function chooseRow(model: ModelState, kind: PaneKind): void {
  const { lists, history } = model;
  const { selected } = model.window(kind);
  switch (kind) {
    case 'connections':
      model.selectConnection(lists.connections[selected] ?? 0);
      break;
    case 'messages':
      model.selectMessage(lists.messages[selected] ?? -1);
      break;
    case 'findings':
      model.selectFinding(lists.findings[selected] ?? -1);
      break;
    case 'flows':
      model.flows.select(history, selected);
      break;
    case 'held':
      model.interception?.select(selected);
      break;
    case 'fields':
      model.opened?.selectRow(selected);
      break;
  }
}

/** The first message of the chosen connection, or its last while following. */
export function chooseSomeMessage(model: ModelState): void {
  const { message, connection, isAll, following, history, lists } = model;
  if (message >= 0 || connection === 0) return;
  model.updateLists(undefined);
  const rows = lists.messages;
  // Among those of all connections one is where one was.
  if (isAll && !following) model.selectMessage(history.connections.first(connection));
  else if (rows.length > 0) model.selectMessage(rows[following ? rows.length - 1 : 0]);
}
