/** How faults are written, in short: what stands below the options of `wirelint proxy`. docs/faults.md has it at length. */

export const FAULT_HELP = `Faults (--fault, repeatable; 'client: ...' or 'server: ...' for one side alone):
  'drop=5%,delay=20ms±10,duplicate=1%,reorder=3%,corrupt=0.1%,rate=1MB/s'
  'burst=1%/30%'                        losses in bursts: one begins, and ends
  'trickle=5ms,cut=0.1%'                streams: byte by byte; first bytes only
  'drop if type == COOKIE-ACK nth=1'    any filter, and which of what matches
  'close after type == CONNECT'         in place of a message (if), or after it
  'set mnet.acknowledged = 9999 if type == DATA nth=5'
  'send bytes c0:00 to server after type == CONNACK'
  'send PUBACK with mqtt.packetIdentifier = 9 to client after type == CONNACK'
  drop, delay 200ms, repeat 3 times, swap with next, corrupt, trickle 5ms, cut, stall, close, abort, set FIELD = VALUE
  nth=N, every=N, from=N, times=N, also 'per connection'; p=10%; seed=7
--scenario FILE has faults that come and go. The same seed does the same to the
same traffic. See docs/faults.md.`;
