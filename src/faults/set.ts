/**
 * `set`: fields of a message with other values. What that is and what follows with it (lengths, checksums) is the editing's
 * (src/edit); here is where the message stands in its unit, which may hold several, and may have been changed before.
 */
import { parseAssignments } from '../edit/assignments.ts';
import { editedIfThere } from '../edit/edited.ts';
import { EditError } from '../edit/error.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { type SetField, SetProblem } from './fault.ts';

/** What reads `set` for messages of these protocols. */
export function settingOf(protocols: readonly AnyProtocol[]): SetField {
  return (text, catalogue) => {
    const assignments = parseAssignments(text, catalogue);
    return {
      applied: ({ layout, protocol: id, message }, wire, { offset, length }, framing) => {
        const protocol = protocols.find(candidate => candidate.id === id);
        if (!protocol) return undefined;
        const { littleEndian } = message;
        const target = { wire, framing, offset, message: { length, littleEndian }, layout, protocol };
        try {
          const edited = editedIfThere(target, assignments);
          return edited && { bytes: edited.wire, note: edited.note };
        } catch (error) {
          if (error instanceof EditError) throw new SetProblem(error.message);
          throw error;
        }
      },
    };
  };
}
