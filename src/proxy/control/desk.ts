/**
 * Where the commands of the control socket are done: one desk for all clients of a proxy. Each command is done at once and
 * answered with an object; what cannot be done throws a `UsageError` of one line. Knows no socket.
 */
import { reportObject, SCHEMA_VERSION, type Tool } from '../../report/json.ts';
import type { RunReport } from '../../report/run-report.ts';
import { UsageError } from '../../settings/words.ts';
import { type Controls, noFlow, notHeld } from '../controls.ts';
import type { Editing } from '../editing.ts';
import type { HeldMessage, HeldUnit, OpenFlow } from '../holds.ts';
import type { CommandName } from './commands.ts';
import { flowObject, heldObject, heldWhole } from './held-json.ts';
import type { Parameters } from './request.ts';

export interface DeskOptions {
  readonly controls: Controls;
  readonly editing: Editing;
  /** What was judged up to here; nothing when judging has ended by a fault. */
  readonly reportSoFar: () => RunReport | undefined;
  readonly stop: () => void;
  readonly tool: Tool;
}

/** What a client's own session does. */
export type DeskCommand = Exclude<CommandName, 'subscribe'>;

const ALL = 'all';

export class ControlDesk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  get controls(): Controls {
    return this.#options.controls;
  }

  answer(command: DeskCommand, parameters: Parameters): object {
    return this.#commands[command](parameters);
  }

  readonly #commands: Readonly<Record<DeskCommand, (parameters: Parameters) => object>> = {
    status: () => this.#status(),
    list: () => ({ held: this.#holds.held().map(heldObject) }),
    show: parameters => ({ held: heldWhole(this.#unit(parameters)) }),
    forward: parameters => this.#forward(parameters),
    drop: parameters => this.#each(parameters, id => this.#holds.drop(id)),
    repeat: parameters => ({ hold: this.#holds.repeat(this.#unit(parameters).id) }),
    flows: () => ({ flows: this.#holds.flows().map(flowObject) }),
    send: parameters => this.#send(parameters),
    abort: parameters => {
      const { flow } = this.#flow(parameters);
      if (!this.#holds.abort(flow)) throw noFlow(flow);
      return { flow };
    },
    'break-on': parameters => {
      this.controls.setBreak(parameters.text('filter'));
      return { breakOn: this.controls.status().breakOn ?? null };
    },
    faults: parameters => {
      const texts = parameters.texts('faults');
      if (texts) this.controls.setFaults(texts);
      return { faults: this.controls.status().faults };
    },
    report: () => {
      const report = this.#options.reportSoFar();
      if (!report) throw new UsageError('nothing is judged any more, by a fault of wirelint');
      return { report: reportObject(report, this.#options.tool) };
    },
    stop: () => {
      this.#options.stop();
      return {};
    },
  };

  get #holds() {
    return this.controls.holds;
  }

  #status(): object {
    const { pairs, breakOn = null, faults, packets } = this.controls.status();
    const { name, version } = this.#options.tool;
    return {
      schemaVersion: SCHEMA_VERSION,
      tool: { name, version },
      pairs: pairs.map(({ listen, upstream }) => ({ listen, upstream })),
      packets,
      flows: this.#holds.flows().length,
      held: this.#holds.held().length,
      breakOn,
      faults,
    };
  }

  #unit(parameters: Parameters): HeldUnit {
    const id = parameters.number('hold');
    const unit = this.#holds.unit(id);
    if (!unit) throw notHeld(id);
    return unit;
  }

  #flow(parameters: Parameters): OpenFlow {
    const number = parameters.number('flow');
    const found = this.#holds.flows().find(({ flow }) => flow === number);
    if (!found) throw noFlow(number);
    return found;
  }

  /** With the numbers of those that it was done to. */
  #each(parameters: Parameters, act: (id: number) => boolean): object {
    const isAll = parameters.text('hold') === ALL;
    const ids = isAll ? this.#holds.held().map(({ id }) => id) : [this.#unit(parameters).id];
    return { holds: ids.filter(act) };
  }

  #forward(parameters: Parameters): object {
    const set = parameters.texts('set');
    const bytes = parameters.bytes('bytes');
    if (!set && !bytes) return this.#each(parameters, id => this.#holds.forward(id));
    if (set && bytes) throw new UsageError('forward: set fields or give bytes, not both');
    if (parameters.text('hold') === ALL) throw new UsageError('forward: one at a time can be changed');
    const unit = this.#unit(parameters);
    const message = parameters.number('message');
    // Bytes of which nobody knows what they are stand for the whole unit.
    const most = Math.max(1, unit.messages.length);
    if (message >= most) throw new UsageError(`forward: hold ${unit.id} has no message ${message}`);
    const options = { message, mend: parameters.flag('mend', true) };
    const { editing } = this.#options;
    const { wire, note } = bytes ? editing.replace(unit, bytes, options) : editing.set(unit, joined(set), options);
    this.#holds.forward(unit.id, wire, note);
    return { holds: [unit.id], note };
  }

  /** What is held of a flow tells what is spoken there. */
  #sampleOf(flow: number): HeldMessage | undefined {
    return this.#holds.held().find(unit => unit.flow === flow && unit.messages.length > 0)?.messages[0];
  }

  #send(parameters: Parameters): object {
    const { flow, pair } = this.#flow(parameters);
    const to = parameters.text('to') === 'client' ? 'client' : 'server';
    const name = parameters.text('name');
    const bytes = parameters.bytes('bytes');
    if ((name === undefined) === (bytes === undefined))
      throw new UsageError('send: a message takes either its name, with fields set, or its bytes');
    if (bytes && ['set', 'protocol', 'edition'].some(parameter => parameters.has(parameter)))
      throw new UsageError('send: bytes are all of a message; nothing can be set in them');
    const { wire, note } = bytes
      ? { wire: bytes, note: `${bytes.length} bytes in hex` }
      : this.#options.editing.compose(
          { flow, pair, to, like: this.#sampleOf(flow) },
          {
            protocol: parameters.text('protocol'),
            name: name ?? '',
            assignments: joined(parameters.texts('set')),
            edition: parameters.text('edition'),
          },
        );
    if (!this.#holds.send(flow, to, wire, note)) throw noFlow(flow);
    return { flow, to, note, hex: Buffer.from(wire).toString('hex') };
  }
}

function joined(texts: readonly string[] | undefined): string {
  return (texts ?? []).join(', ');
}
