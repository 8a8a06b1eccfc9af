/** How a table of MQTT's numbered statements says of each who judges it: a row is one of these, or two put together. */
import type { Statement } from '../../src/sdk.ts';

type Row = Omit<Statement, 'id' | 'edition'>;

/** By number, in the order of the specification. */
export type StatementTable = Readonly<Record<string, Row>>;

const idsOf = (names: readonly string[]) => names.map(name => `mqtt/${name}`);

/** Rules of the default set see a breach. */
export const by = (...rules: readonly string[]): Row => ({ judgedBy: idsOf(rules) });

/** They see one half of it. @param note which */
export const partly = (note: string, ...rules: readonly string[]): Row => ({ judgedBy: idsOf(rules), note });

/** Who sees everything that the server received and sent can judge it. */
export const withBroker = (...rules: readonly string[]): Row => ({
  judgedBy: [],
  needs: { option: 'sees', value: 'broker', rules: idsOf(rules) },
});

/** About the frames that carry MQTT. */
export const overWebSocket = (...rules: readonly string[]): Row => ({
  judgedBy: [],
  needs: { words: 'the WebSocket carrier', rules: idsOf(rules) },
});

/** Nobody outside the peers can judge it. */
export const hidden = (notObservable: string): Row => ({ judgedBy: [], notObservable });
