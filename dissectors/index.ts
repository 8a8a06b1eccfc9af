/** The protocols that are built in, in alphabetical order. A new one adds its folder and one line here. */
import type { AnyProtocol } from '../src/protocol/protocol.ts';
import filestorage from './filestorage/index.ts';
import libipc from './libipc/index.ts';
import ministreaming from './ministreaming/index.ts';
import mnet from './mnet/index.ts';
import mqtt from './mqtt/index.ts';

export const protocols: readonly AnyProtocol[] = [filestorage, libipc, ministreaming, mnet, mqtt];
