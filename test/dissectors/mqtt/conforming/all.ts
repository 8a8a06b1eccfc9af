/** All conversations that break nothing. */
import { ACKNOWLEDGING, CLOSING } from './acknowledge.ts';
import { AUTHENTICATING, CONNECTING } from './connect.ts';
import { DELIVERING, SUBSCRIBING } from './deliver.ts';
import { OF_BRIDGES, OF_MQTT_31, SETTINGS } from './dialects.ts';
import { BY_BYTES, FORM, PROPERTIES } from './form.ts';
import { PUBLISHING } from './publish.ts';
import { AFTER_THE_END, RESUMING, STORING } from './sessions.ts';
import type { Twin } from './twin.ts';

export const TWINS: readonly Twin[] = [
  ...FORM,
  ...PROPERTIES,
  ...BY_BYTES,
  ...CONNECTING,
  ...AUTHENTICATING,
  ...STORING,
  ...RESUMING,
  ...AFTER_THE_END,
  ...PUBLISHING,
  ...DELIVERING,
  ...SUBSCRIBING,
  ...ACKNOWLEDGING,
  ...CLOSING,
  ...OF_MQTT_31,
  ...OF_BRIDGES,
  ...SETTINGS,
];
