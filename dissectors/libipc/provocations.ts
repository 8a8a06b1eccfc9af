/**
 * How the rules of the carrier can be broken on purpose, whatever it carries: the second thing that the client says is
 * preceded by bytes that no application sends, or cut off. By its own messages a side of libipc says that it will not go on.
 */
import type { Provocation, Refusals } from '../../src/sdk.ts';
import { LAYOUTS, TYPE } from './layouts.ts';

const SECOND = 'to server nth=2';

export const provocations: readonly Provocation[] = [
  { rule: 'libipc/unknown-type', faults: [`client: send bytes 07:00:00:00:02:01:7b:7d ${SECOND}`] },
  {
    rule: 'libipc/type-not-data',
    faults: [`client: send bytes 01:00:00:00:00:00 ${SECOND}`],
    needs: 'an application that is known',
  },
  { rule: 'libipc/message-too-long', faults: [`client: send bytes 02:00:7a:12:00:01 ${SECOND}`] },
  { rule: 'libipc/truncated', faults: ['client: cut nth=2'] },
];

export const refusals: Refusals = {
  isOne: ({ layout }) => layout === LAYOUTS[TYPE.SERVER_CLOSE] || layout === LAYOUTS[TYPE.ERR],
};
