/** Opens whatever the name of a capture leads to: a file, a pipe, standard input, or what a server has (http-input.ts). */
import type { Network } from './http-request.ts';
import { type ByteInput, captureError, openInput } from './input.ts';
import { isUrl } from './location.ts';

/**
 * @param network for URLs; without it they are refused
 * @throws CaptureError when there is nothing to read from
 */
export async function openNamed(location: string, network: Network | undefined): Promise<ByteInput> {
  if (!isUrl(location)) return openInput(location);
  if (!network) throw captureError(location, 'URLs are read by the command line only: download it first');
  const { openHttp } = await import('./http-input.ts');
  return openHttp(location, network);
}
