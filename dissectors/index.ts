/** The protocols that are built in, in alphabetical order. A new one adds its folder and one line here. */
import type { AnyProtocol } from '../src/protocol/protocol.ts';
import mnet from './mnet/index.ts';

export const protocols: readonly AnyProtocol[] = [mnet];
