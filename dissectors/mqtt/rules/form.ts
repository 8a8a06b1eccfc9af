/**
 * The rules that look at a packet by itself, in the order in which it meets them: what kind of packet it is, which version of
 * the protocol, its structure, and then what it says. Those up to `noLocalShared` are of form: a packet that breaks one is
 * malformed, and nothing is taken from it.
 */
import type { Rule } from '../../../src/sdk.ts';
import type { Formed } from '../formed.ts';
import { connackFlags, reasonCode, reasonCodeRole, sessionPresentRefused } from './form-codes.ts';
import {
  clientIdEmpty,
  connectPayload,
  connectReservedFlag,
  legacyVersion,
  passwordWithoutUsername,
  protocolName,
  unknownVersion,
  willFlags,
  willQos,
} from './form-connect.ts';
import {
  filterWildcard,
  noLocalShared,
  sharedFilterForm,
  subscribeEmpty,
  subscribeOptions,
  unsubscribeEmpty,
} from './form-filters.ts';
import { headerFlags, length, reservedType, varintNotMinimal, wrongDirection } from './form-packets.ts';
import {
  authDataWithoutMethod,
  propertyLength,
  propertyNotAllowed,
  propertyRepeated,
  propertyUnknown,
  propertyValue,
  sessionExpiryFromServer,
  subscriptionIdFromClient,
} from './form-properties.ts';
import {
  dupQos0,
  packetIdZero,
  publishQos,
  responseTopicWildcard,
  topicAliasZero,
  topicEmpty,
  topicWildcard,
} from './form-publish.ts';
import { payloadFormat, utf8, utf8Control, utf8Null } from './form-texts.ts';

export const FORM_RULES: readonly Rule<Formed>[] = [
  reservedType,
  wrongDirection,
  protocolName,
  headerFlags,
  publishQos,
  connectReservedFlag,
  willQos,
  willFlags,
  passwordWithoutUsername,
  subscriptionIdFromClient,
  sessionExpiryFromServer,
  varintNotMinimal,
  propertyLength,
  propertyUnknown,
  propertyNotAllowed,
  propertyRepeated,
  propertyValue,
  length,
  connectPayload,
  utf8,
  utf8Null,
  subscribeEmpty,
  unsubscribeEmpty,
  subscribeOptions,
  noLocalShared,
  unknownVersion,
  legacyVersion,
  clientIdEmpty,
  authDataWithoutMethod,
  connackFlags,
  reasonCode,
  sessionPresentRefused,
  dupQos0,
  packetIdZero,
  topicAliasZero,
  topicWildcard,
  topicEmpty,
  responseTopicWildcard,
  sharedFilterForm,
  filterWildcard,
];

/** Warnings about a packet by itself: they are asked last, for they would hide what else is wrong with it. */
export const FORM_WARNINGS: readonly Rule<Formed>[] = [reasonCodeRole, utf8Control, payloadFormat];
