/** Rules about SYN, and about the answer it wants. */
import { BROKEN, bytesText, frames, INCONCLUSIVE, PASS, type Rule, SKIP } from '../../../src/sdk.ts';
import { type Exchange, ID_BYTES, idText } from '../exchange.ts';
import { HEADER_LENGTH, SYN } from '../layouts.ts';
import { endOfUnanswered, factsOfReuse, laterOfReuse, laterOfUnanswered, remembering } from './later.ts';

/** An I2P destination: keys of 256 and 128 bytes, then a certificate of 1 byte type, 2 bytes length, and that many. */
const CERTIFICATE = 256 + 128;
const CERTIFICATE_HEADER = 3;
const SHORTEST_DESTINATION = CERTIFICATE + CERTIFICATE_HEADER;

export const synMissingKey: Rule<Exchange> = {
  id: 'ministreaming/syn-missing-key',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'SYN, payload',
  says: 'The payload of a SYN is the public key that the client has created.',
  summary: 'SYN has no payload, where the public key of the client belongs',
  why: 'The server tells its peer by the key. Without one it cannot say who is calling, and may refuse.',
  example: 'C > S  a1 12 34 56',
  on: [SYN.name],
  check: ({ message }) => (message.length > HEADER_LENGTH ? PASS : BROKEN),
  describe: () => ({
    message: 'SYN ends after its id',
    expected: 'the public key as payload',
    actual: 'no payload',
    bytes: { offset: 0, length: HEADER_LENGTH },
  }),
};

export const synKeyFormat: Rule<Exchange> = {
  id: 'ministreaming/syn-key-format',
  severity: 'warning',
  atFault: 'sender',
  restsOn: 'bytes',
  clause: 'SYN, payload',
  summary: 'key is i2p-destination, and what SYN carries is none',
  why: 'The specification does not say what the public key is. The known implementation expects a destination: 387 bytes and the certificate, whose length stands in bytes 385 and 386.',
  example: 'C > S  a1 12 34 56, and 386 bytes',
  on: [SYN.name],
  check: ({ message, wantsDestination }) => {
    if (!wantsDestination) return SKIP;
    const length = message.length - HEADER_LENGTH;
    if (length < SHORTEST_DESTINATION) return BROKEN;
    if (message.captured - HEADER_LENGTH < SHORTEST_DESTINATION) return INCONCLUSIVE;
    return length === destinationLength(message) ? PASS : BROKEN;
  },
  describe: ({ message }) => {
    const length = message.length - HEADER_LENGTH;
    const whole = length >= SHORTEST_DESTINATION;
    return {
      message: `the key of ${bytesText(length)} is no I2P destination`,
      expected: whole
        ? `${destinationLength(message)} bytes, as its certificate says`
        : `${SHORTEST_DESTINATION} bytes`,
      actual: bytesText(length),
      bytes: whole ? { offset: HEADER_LENGTH + CERTIFICATE + 1, length: 2 } : { offset: HEADER_LENGTH, length },
    };
  },
};

function destinationLength(message: Exchange['message']): number {
  const at = HEADER_LENGTH + CERTIFICATE + 1;
  return SHORTEST_DESTINATION + (message.byte(at) << 8) + message.byte(at + 1);
}

export const synIdInUse: Rule<Exchange> = {
  id: 'ministreaming/syn-id-in-use',
  severity: 'error',
  atFault: 'sender',
  restsOn: 'seen',
  clause: 'SYN, id',
  summary: 'SYN has a client id that is live: its SYN was sent or it is open, or one side closed it less than 30 s ago',
  why: "Both connections would have the same id: the server's data for one can no longer be distinguished from its data for the other. (Over this carrier nothing is lost, so a SYN need not be sent again.)",
  example: 'C > S SYN 234567, S > C ACK 234567 987654, C > S SYN 234567',
  later: laterOfReuse,
  excuse: 'uses an id whose CLOSE was not captured',
  describe: remembering(
    ({ id, detail, state }) => ({
      message: `SYN takes the id ${idText(id)}, which is in use (${state})`,
      expected: 'an id that is not in use',
      actual: idText(id),
      bytes: ID_BYTES,
      relatedFrames: frames(detail.firstFrame, detail.clientCloseFrame, detail.serverCloseFrame),
    }),
    factsOfReuse,
  ),
};

export const synUnanswered: Rule<Exchange> = {
  id: 'ministreaming/syn-unanswered',
  severity: 'warning',
  atFault: 'receiver',
  restsOn: 'unseen',
  clause: 'SYN, actions',
  summary: 'neither ACK nor CLOSE answers a SYN within answerTimeout',
  why: 'The server sends an ACK, otherwise a close: silence leaves the client waiting. Reported on the SYN.',
  example: 'SYN, and nothing for 60 s of capture time',
  later: laterOfUnanswered,
  atEnd: endOfUnanswered,
  excuse: 'was answered by an ACK that was not captured',
};
