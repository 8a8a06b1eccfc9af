/**
 * What the proxy holds, between it and the screen: hands the model how it stands, and does what the model asks for. Each
 * act says in a line what came of it.
 */
import type { Controls } from '../proxy/controls.ts';
import type { Editing } from '../proxy/editing.ts';
import { UsageError } from '../settings/words.ts';
import type { Forwarding, InterceptAct } from './model/effects.ts';
import { Interception } from './model/interception.ts';

export interface InterceptOptions {
  readonly controls: Controls;
  readonly editing: Editing;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** Others can forward what is held when the screen is gone: the control socket. */
  readonly hasOthers: boolean;
}

export interface Outcome {
  readonly line: string;
  readonly isDone: boolean;
}

export class Intercepting {
  readonly model: Interception;
  readonly #options: InterceptOptions;
  #isStale = false;

  constructor(options: InterceptOptions) {
    this.#options = options;
    this.model = new Interception(options.editing);
    this.look();
  }

  /** @param onNews called when something is held, or is no more: very often, perhaps @returns what ends it */
  watch(onNews: () => void): () => void {
    return this.#options.controls.holds.watch(() => {
      this.#isStale = true;
      onNews();
    });
  }

  /** Hands the model how it stands, if that has changed. */
  catchUp(): void {
    if (this.#isStale) this.look();
  }

  /** The same in any case: time passes for what is held. */
  look(): void {
    this.#isStale = false;
    const { controls, now } = this.#options;
    const { breakOn, faults } = controls.status();
    this.model.take({ held: controls.holds.held(), flows: controls.holds.flows(), breakOn, faults }, now());
  }

  /** What has become of it, the model learns by `catchUp`: one key may ask for very many. */
  perform(act: InterceptAct): Outcome {
    this.#isStale = true;
    return this.#attempt(act);
  }

  /** The screen goes and the proxy stays: forwards what nobody could forward any more, and holds nothing more. */
  forwardRest(): void {
    const { controls, hasOthers } = this.#options;
    if (hasOthers) return;
    controls.setBreak(undefined);
    for (const { id } of controls.holds.held()) controls.holds.forward(id);
  }

  #attempt(act: InterceptAct): Outcome {
    try {
      return this.#do(act);
    } catch (error) {
      // A filter has an error of its own.
      const isRefusal = error instanceof UsageError || (error instanceof Error && error.name === 'FilterError');
      if (isRefusal) return { line: error.message, isDone: false };
      throw error;
    }
  }

  #do(act: InterceptAct): Outcome {
    const { controls } = this.#options;
    const { holds } = controls;
    switch (act.kind) {
      case 'forward':
        return this.#forward(act.all);
      case 'drop':
        return done(holds.drop(act.id), `dropped hold ${act.id}`, act.id);
      case 'repeat': {
        const copy = holds.repeat(act.id);
        return done(copy > 0, `forwarded hold ${act.id}; hold ${copy} is a copy of it`, act.id);
      }
      case 'abort':
        return holds.abort(act.flow)
          ? { line: `aborted the connection of client ${act.flow}`, isDone: true }
          : gone(act.flow);
      case 'send':
        return holds.send(act.flow, act.to, act.bytes, act.note)
          ? { line: `sent to the ${act.to}: ${act.note}`, isDone: true }
          : gone(act.flow);
      case 'break-on':
        controls.setBreak(act.filter);
        return {
          line: act.filter === undefined ? 'nothing more is held' : `held from now on: ${act.filter}`,
          isDone: true,
        };
      case 'faults':
        controls.setFaults(act.texts);
        return { line: `faults: ${act.texts.length === 0 ? 'none' : act.texts.join('; ')}`, isDone: true };
    }
  }

  #forward(all: readonly Forwarding[]): Outcome {
    const { holds } = this.#options.controls;
    const gone = all.filter(({ id, bytes, note }) => !holds.forward(id, bytes, note));
    const [{ id, note }] = all;
    if (all.length > 1) return { line: `forwarded ${all.length - gone.length} holds`, isDone: gone.length === 0 };
    return done(gone.length === 0, `forwarded hold ${id}${note === undefined ? '' : `: ${note}`}`, id);
  }
}

function done(isDone: boolean, line: string, id: number): Outcome {
  return isDone ? { line, isDone } : { line: `hold ${id} is no longer held`, isDone };
}

function gone(flow: number): Outcome {
  return { line: `client ${flow} is gone`, isDone: false };
}
