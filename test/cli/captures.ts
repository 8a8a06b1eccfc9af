/** Captures for the command line's tests: real ones from fixtures/, and small scripted ones in a folder of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hex } from '../../src/testkit/bytes.ts';
import { pcap } from '../../src/testkit/capture.ts';
import { udpFrame } from '../../src/testkit/packet.ts';

export const CLEAN = 'fixtures/mnet/echo-small.pcap';
export const LARGE = 'fixtures/mnet/echo-large.pcap';

export const INIT = '01 4d4e4554 01 aabbcc';
const COOKIE_OF_ANOTHER = `02 112233 aabbcd 01 ${'00'.repeat(4)} ${'00'.repeat(20)}`;

export function readFixture(path: string): Uint8Array {
  return readFileSync(new URL(`../../${path}`, import.meta.url));
}

const CLIENT = '10.0.0.1:40000';
const SERVER = '10.0.0.2:26999';
const STRANGER = '10.0.0.3:5000';

/** A datagram a second: from the client, with `<` in front from the server, with `~` between others. */
export function conversation(...datagrams: readonly string[]): Uint8Array {
  return pcap(
    datagrams.map((text, second) => {
      const payload = hex(text.replace(/^[<~]/, ''));
      const [from, to] = text.startsWith('<') ? [SERVER, CLIENT] : [text.startsWith('~') ? STRANGER : CLIENT, SERVER];
      return { bytes: udpFrame(from, to, payload), seconds: 1000 + second };
    }),
  );
}

/** One error: mnet/cookie-peer-tag. */
export const violating = () => conversation(INIT, `<${COOKIE_OF_ANOTHER}`);
/** One warning: mnet/handshake-incomplete. The listener's ABORT comes too late. */
export const unanswered = () => conversation(INIT, ...Array.from({ length: 9 }, () => '~00'), '<08 aabbcc');
/** No message of a known protocol. */
export const foreign = () => conversation('~00', '~00');

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'wirelint-'));

  file(name: string, bytes?: Uint8Array): string {
    const path = join(this.path, name);
    if (bytes) writeFileSync(path, bytes);
    return path;
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
