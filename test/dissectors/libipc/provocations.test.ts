/** Each rule of the carrier can be broken on purpose, whatever it carries. */
import libipc from '../../../dissectors/libipc/index.ts';
import { CLIENT, closing, first, type Line, libipc as message, SERVER } from '../../kit/filestorage.ts';
import { describeProvocations, type Try } from '../../kit/provoked.ts';

const said = (side: 0 | 1, text: string): Line => ({ side, bytes: message(2, 42, Buffer.from(text)) });
const error: Line = { side: SERVER, bytes: message(1, 0, new Uint8Array(0)) };
const own = (lines: readonly Line[], rest: Partial<Try> = {}): Try => ({ protocol: 'libipc', lines, ...rest });
const refused = own([said(CLIENT, 'a'), said(SERVER, 'b'), said(CLIENT, 'c'), error, ...closing], {
  reaction: 'refused',
});

describeProvocations(
  libipc,
  {
    'unknown-type': refused,
    'type-not-data': {
      protocol: 'filestorage',
      lines: [first.authentication(1, [33]), first.ok(1), first.transfer(2), first.ok(2), ...closing],
      reaction: 'went on',
    },
    'message-too-long': refused,
    truncated: own([said(CLIENT, 'a'), said(SERVER, 'b'), said(CLIENT, 'c'), ...closing], { reaction: 'closed' }),
  },
  {},
);
