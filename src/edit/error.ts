/**
 * What cannot be done to a message, in one line for the one who asked: the only thing that changing or making a message ever
 * throws. What peers have sent stands escaped in it.
 */
export class EditError extends Error {
  override readonly name = 'EditError';
  /** There is no such field in this message, or nobody knows where it lies: a fault that was to set it does nothing. */
  readonly isAbsent: boolean;

  /** @param message what cannot be done and why, without a capital and a full stop */
  constructor(message: string, isAbsent = false) {
    super(message);
    this.isAbsent = isAbsent;
  }
}
