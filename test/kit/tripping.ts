/** A plugin whose tracker throws at a message of `!`, to see who else suffers. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TRIPS = `
import { defineLayout, FlowTracker, Machine, stay, to } from 'wirelint/sdk';
const layouts = [defineLayout({ name: 'ANY', code: 1, meaning: 'anything', clause: '1',
  fields: [{ name: 'first', title: 'First', offset: 0, size: 1, kind: 'uint', meaning: 'a byte', clause: '1' }] })];
const machine = new Machine({ roles: ['peer'], states: ['SILENT', 'HEARD'], final: [], events: ['ANY'],
  send: { peer: { SILENT: { ANY: to('HEARD') }, HEARD: { ANY: stay } } },
  receive: { peer: { SILENT: { ANY: stay }, HEARD: { ANY: stay } } }, rulesOfStates: [] });
export default { id: 'trips', title: 'Trips', summary: 'a tracker that throws', specification: 'none',
  carriers: [{ transport: 'udp', framing: 'datagram' }], recognition: 'never', dialect: [], layouts, machine, rules: [],
  recognise: () => 'no',
  createTracker: (host, message) => new FlowTracker(host, message, { layouts, machine,
    typeOf: sent => { if (sent.byte(0) === 33) throw new Error('tripped'); return 0; },
    remember: () => undefined, opening: ['ANY'], midstream: 'HEARD' }) };
`;

/** Writes the plugin into a folder. @returns what `--plugin` takes */
export function tripping(folder: string): string {
  const plugin = join(folder, 'trips');
  mkdirSync(plugin);
  writeFileSync(join(plugin, 'index.mjs'), TRIPS);
  return plugin;
}
