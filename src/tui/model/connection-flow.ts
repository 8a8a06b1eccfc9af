/**
 * The flow of a connection, as it is followed. Over UDP two ends may have several connections, even at once: datagrams that
 * hold messages of others and none of this one are theirs, and what is part of no message is shown.
 */
import type { History } from '../../history/history.ts';
import type { FollowedFlow } from '../../history/stream-follower.ts';
import { rangeOf } from './places.ts';

export function flowOf(history: History, connection: number): FollowedFlow {
  const { connections, messages, captures } = history;
  const client = connections.clientSide(connection);
  const transport = connections.transport(connection);
  const capture = connections.capture(connection);
  const first = connections.first(connection);
  const own = new Set<number>();
  if (transport === 'udp') for (const message of connections.messagesOf(connection)) own.add(messages.frame(message));
  return {
    transport,
    client: connections.address(connection, client),
    server: connections.address(connection, client === 0 ? 1 : 0),
    capture,
    frame: first < 0 ? 0 : messages.frame(first),
    until: captures[capture].packets,
    isOthers: frame => !own.has(frame) && hasMessage(history, capture, frame),
  };
}

function hasMessage(history: History, capture: number, frame: number): boolean {
  const { messages } = history;
  const message = messages.atFrame(frame, ...rangeOf(history, capture));
  return message >= 0 && messages.frame(message) === frame;
}
