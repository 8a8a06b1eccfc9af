/** What the classes of hosts weigh in a capture, as far as its beginning shows: so that threads get as much work each. */
import process from 'node:process';
import { isUrl } from '../capture/location.ts';
import { DEFAULT_DECODER_LIMITS, Decoder } from '../net/decode.ts';
import { CLASSES, classOfHosts } from '../net/hosts.ts';
import { networkOf } from './network.ts';
import { openOrReason } from './reading.ts';

/** Frames that are looked at, at least, where there are as many: reading them takes some milliseconds. */
const FRAMES = 16_384;

/** @returns packets by class; zeros for what a server has, which would be asked twice */
export async function weightsOf(path: string): Promise<number[]> {
  const weights = new Array<number>(CLASSES).fill(0);
  if (isUrl(path)) return weights;
  const opened = await openOrReason(path, { reader: 'wirelint', network: networkOf(process.env) });
  // Who judges it says why it cannot be read.
  if (typeof opened === 'string') return weights;
  const decoder = new Decoder(DEFAULT_DECODER_LIMITS, 0);
  await opened.source.read(
    frame => {
      const packet = decoder.decode(frame);
      if (packet) weights[classOfHosts(packet.hosts)]++;
    },
    () => (decoder.counters.frames < FRAMES ? undefined : false),
  );
  await opened.close();
  return weights;
}
