import type { Text } from '@pixdock/contract/messages/text';
import { isCertificateFault } from './judge-facts.js';
import { type FixReason, fixText } from './messages/fixes.js';
import type { FaultFacts, FaultKind, StorageFault } from './types.js';

/** The recommended action for a fault: by its code if the code is known, else by its kind. */
export function fixFor(code: string, kind: FaultKind, operation: StorageFault['operation']): Text {
  const known = Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
  const reason = known ?? (isCertificateFault(code) ? 'invalid-certificate' : kind);
  if (reason !== 'access-denied') return fixText(reason);
  if (operation === 'list' || operation === 'info') return fixText(`${operation}-denied`);
  return fixText('access-denied', { action: RAM_ACTIONS[operation] });
}

/** The RAM action that each operation needs. OSS has none for AppendObject, CopyObject, HeadObject and DeleteMultipleObjects. */
const RAM_ACTIONS = {
  put: 'oss:PutObject',
  append: 'oss:PutObject',
  copy: 'oss:PutObject',
  read: 'oss:GetObject',
  head: 'oss:GetObject',
  remove: 'oss:DeleteObject',
} as const;

const REASONS: Record<string, FixReason> = {
  AccessDenied: 'access-denied',
  HTTP401: 'access-denied',
  HTTP403: 'access-denied',
  InvalidAccessKeyId: 'unknown-key-id',
  SignatureDoesNotMatch: 'wrong-signature',
  InvalidSecurityToken: 'expired-token',
  SecurityTokenExpired: 'expired-token',
  NoCredentials: 'no-credentials',
  InDebt: 'suspended',
  UserDisable: 'suspended',
  BucketDisable: 'suspended',
  RequestTimeTooSkewed: 'clock-skewed',
  PublicEndpointForbidden: 'public-endpoint-forbidden',
  NoPrivateBucket: 'no-private-bucket',
  NoSuchBucket: 'no-such-bucket',
  InvalidBucketName: 'invalid-bucket-name',
  WrongEndpoint: 'wrong-endpoint',
  WrongRegion: 'wrong-region',
  SecondLevelDomainForbidden: 'wrong-endpoint',
  HTTP301: 'wrong-endpoint',
  HTTP302: 'wrong-endpoint',
  HTTP307: 'wrong-endpoint',
  HTTP404: 'other-server',
  NotFromOss: 'not-from-oss',
  ENOTFOUND: 'name-not-resolved',
  EAI_AGAIN: 'name-not-resolved',
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  ConnectionTimeoutError: 'connection-refused',
  EPROTO: 'no-tls',
  InvalidArgument: 'invalid-argument',
  InvalidDigest: 'digest-mismatch',
  InvalidObjectName: 'invalid-key',
  InvalidMetadata: 'invalid-metadata',
};

/** Codes that belong to normal work, such as an existing key, an object that does not exist or ends earlier. */
const EXPECTED = ['FileAlreadyExists', 'NoSuchKey', 'InvalidRange', 'PositionNotEqualToLength'];

/** The code of a failed call for metrics: a known one, else the kind of the fault, because servers may send any code. */
export function resultCode({ code, kind }: Pick<FaultFacts, 'code' | 'kind'>): string {
  return Object.hasOwn(REASONS, code) || EXPECTED.includes(code) ? code : kind;
}
