/** What all peers need, in a folder that is gone afterwards: certificates that openssl makes, packages of npm, scripts beside them. */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Programs, printedBy } from './programs.ts';

/** Paths of a certificate for localhost, its key, and the CA that has signed it. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The versions that the table of expected findings was made with. */
export const PACKAGES = { aedes: '1.2.0', mqtt: '5.16.0' } as const;

const DOWNLOAD_SECONDS = 90;

export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'wirelint-mqtt-'));
  readonly certificates: Certificates;
  /** Versions of what was downloaded, or why nothing was. */
  packages: typeof PACKAGES | string = 'not downloaded';
  readonly #packageFolder = join(this.folder, 'packages');

  private constructor(certificates: (folder: string) => Certificates) {
    mkdirSync(this.#packageFolder);
    this.certificates = certificates(this.folder);
  }

  /** @throws Error without openssl */
  static async open(programs: Programs, wantsPackages: boolean): Promise<Workshop> {
    const workshop = new Workshop(makeCertificates);
    process.on('exit', () => workshop.close());
    if (wantsPackages) await workshop.#download(programs);
    return workshop;
  }

  /** Path of a script of `peers/`, where it finds the packages. */
  script(name: string): string {
    const path = join(this.#packageFolder, name);
    copyFileSync(fileURLToPath(new URL(`./peers/${name}`, import.meta.url)), path);
    return path;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #download(programs: Programs): Promise<void> {
    writeFileSync(join(this.#packageFolder, 'package.json'), '{ "private": true }\n');
    const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}@${version}`);
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', '--fetch-retries=0'];
    const choice = { cwd: this.#packageFolder, seconds: DOWNLOAD_SECONDS };
    const { code, stderr } = await programs.start('npm', ['install', ...quiet, ...wanted], choice).outcome;
    this.packages = code === 0 ? PACKAGES : `npm could not download it: ${stderr.split('\n', 1)[0] || code}`;
  }
}

function makeCertificates(folder: string): Certificates {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => {
    const said = printedBy('openssl', args);
    if (said === undefined) throw new Error('openssl is not installed (apt-get install openssl)');
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-subj', '/CN=wirelint test CA', '-keyout', at('ca.key'), '-out', at('ca.pem'));
  openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', at('own.key'), '-out', at('own.csr'));
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const signer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at('names')];
  openssl('x509', '-req', '-in', at('own.csr'), ...signer, '-days', '2', '-out', at('own.pem'));
  readFileSync(at('own.pem'));
  return { ca: at('ca.pem'), cert: at('own.pem'), key: at('own.key') };
}
