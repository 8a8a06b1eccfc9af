/**
 * Effects: what the model asks of the app because it needs a terminal, a file or another run. The model goes on at
 * once; `notify`, `refuse`, `confirmOverwrite`, `adopt`, `begin`, `showFolder` and `refuseCapture` report the outcome to it.
 */
import type { FollowedStream } from '../../history/followed-stream.ts';
import type { StreamFollower } from '../../history/stream-follower.ts';
import type { StreamForm } from '../../history/stream-forms.ts';
import type { StreamSides } from '../../history/stream-rows.ts';

/** All settings that a run is judged by and that can be changed here, as the command line spells them; checked. */
export interface ScreenSettings {
  /** `udp.port==7654,mnet`; later ones win. */
  readonly decodeAs: readonly string[];
  /** `mnet.tags=sender`; the last of an option holds. */
  readonly dialects: readonly string[];
}

/** The content of a conversation, or of one side of it. */
export interface StreamScope {
  readonly kind: 'stream';
  readonly stream: FollowedStream;
  readonly sides: StreamSides;
}

export type FramesScope =
  | { readonly kind: 'connection'; readonly connection: number }
  | { readonly kind: 'message'; readonly message: number }
  /** Of all connections; ascending. */
  | { readonly kind: 'filtered'; readonly messages: Uint32Array };

/** A text to be written to a file, as `copy` would copy it. */
export interface WriteEffect {
  readonly kind: 'write';
  /** As the user wrote it. */
  readonly path: string;
  readonly text: string;
  readonly what: string;
  /** As of `ExportEffect`. */
  readonly overwrite: boolean;
}

interface ExportedFile {
  readonly kind: 'export';
  /** As the user wrote it. */
  readonly path: string;
  /** False: if the file is there, leave it and call `model.confirmOverwrite` with this effect. */
  readonly overwrite: boolean;
}

/** Read the capture that the follower's flow is in again, and hand it the frames. */
export interface FollowEffect {
  readonly kind: 'follow';
  readonly follower: StreamFollower;
}

/** Frames or messages, or the content of a conversation. */
export type ExportEffect = ExportedFile &
  (
    | { readonly format: 'pcapng' | 'json'; readonly scope: FramesScope }
    | { readonly format: StreamForm | 'raw'; readonly scope: StreamScope }
  );

/** `bytes`: passed on in place of the hold, with what is different; absent: itself. */
export interface Forwarding {
  readonly id: number;
  readonly bytes?: Uint8Array;
  readonly note?: string;
}

/** Something to be done to what the proxy holds, or to what it will. */
export type InterceptAct =
  | { readonly kind: 'forward'; readonly all: readonly Forwarding[] }
  | { readonly kind: 'drop' | 'repeat'; readonly id: number }
  | { readonly kind: 'abort'; readonly flow: number }
  | {
      readonly kind: 'send';
      readonly flow: number;
      readonly to: 'client' | 'server';
      readonly bytes: Uint8Array;
      readonly note: string;
    }
  /** A filter without a problem; undefined: nothing is held any more. */
  | { readonly kind: 'break-on'; readonly filter: string | undefined }
  | { readonly kind: 'faults'; readonly texts: readonly string[] };

export type Effect =
  /** `keepProxy`: the proxy goes on without the screen. */
  | { readonly kind: 'quit'; readonly keepProxy?: true }
  | { readonly kind: 'suspend' }
  /** Make the terminal ring, or flash. */
  | { readonly kind: 'bell' }
  /** Redraw everything, also cells that have not changed. */
  | { readonly kind: 'redraw' }
  /** Raw text for the clipboard; `what` names it for people: `value of sequence`. */
  | { readonly kind: 'copy'; readonly text: string; readonly what: string }
  | ExportEffect
  | WriteEffect
  | FollowEffect
  /** What is in a folder, and what has become of the recent captures, for `showFolder`; undefined for the folder to begin with. */
  | { readonly kind: 'browse'; readonly folder: string | undefined }
  /**
   * Look at this capture in place of those at hand, with `model.begin`; or list the folder, or say why not. A relative path
   * starts from `from`, else from the working directory.
   */
  | { readonly kind: 'open'; readonly path: string; readonly from?: string | undefined }
  | { readonly kind: 'intercept'; readonly act: InterceptAct }
  /**
   * Read the captures again under these settings, and hand the new run to `model.adopt` before it begins, with the one
   * that was asked for.
   */
  | { readonly kind: 'rejudge'; readonly settings: ScreenSettings; readonly setting: string }
  /** The theme of this name, which is one of `ModelOptions.themes`. */
  | { readonly kind: 'theme'; readonly name: string };
