import type { SettingsReader } from '@pixdock/shared/runtime/env';
import { say } from './messages/settings.js';

/** A key pair, with the token that a temporary one needs. */
export interface Credentials {
  accessKeyId: string;
  accessKeySecret: string;
  securityToken: string | null;
}

/** Where the key pair comes from. All but `static` give temporary ones, which expire and are renewed. */
export type CredentialsSettings =
  | ({ from: 'static' } & Credentials)
  /** RRSA: ACK writes a token of the pod into a file, and STS exchanges it for a key pair of the role. */
  | { from: 'oidc'; roleArn: string; providerArn: string; tokenFile: string }
  /** The RAM role of an ECS instance, from its metadata server. */
  | { from: 'ecs-role'; roleName: string }
  /** A server that replies with a key pair. */
  | { from: 'uri'; uri: string };

/**
 * Reads the variables that the SDKs of Alibaba Cloud read, in their order. One of them must name the source: without a
 * role name, a machine outside Alibaba Cloud would ask a metadata server that does not exist, and never get a key.
 */
export function readCredentials(read: SettingsReader): CredentialsSettings {
  const staticSet = STATIC.filter((name) => read.text(name, null) !== null);
  const oidcSet = OIDC.filter((name) => read.text(name, null) !== null);
  const roleName = read.text('ALIBABA_CLOUD_ECS_METADATA', null);
  const uri = read.text('ALIBABA_CLOUD_CREDENTIALS_URI', null);
  if (staticSet.length > 0) return readStatic(read);
  if (oidcSet.length > 0) return readOidc(read);
  if (roleName !== null) return { from: 'ecs-role', roleName };
  if (uri !== null) return readUri(read, uri);
  return readStatic(read);
}

const STATIC = [
  'ALIBABA_CLOUD_ACCESS_KEY_ID',
  'ALIBABA_CLOUD_ACCESS_KEY_SECRET',
  'ALIBABA_CLOUD_SECURITY_TOKEN',
] as const;

const OIDC = [
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
] as const;

function readStatic(read: SettingsReader): CredentialsSettings {
  return {
    from: 'static',
    accessKeyId: readSecret(read, 'ALIBABA_CLOUD_ACCESS_KEY_ID'),
    accessKeySecret: readSecret(read, 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'),
    securityToken: read.text('ALIBABA_CLOUD_SECURITY_TOKEN', null),
  };
}

function readSecret(read: SettingsReader, name: string): string {
  const secret = read.required(name, say(read.language, 'key.fix'));
  if (/[^\x21-\x7e]/.test(secret)) {
    read.fault(name, say(read.language, 'secret-malformed'), say(read.language, 'secret-malformed.fix'));
  }
  return secret;
}

function readOidc(read: SettingsReader): CredentialsSettings {
  const [roleArn = '', providerArn = '', tokenFile = ''] = OIDC.map((name) =>
    read.required(name, say(read.language, 'oidc.fix', { names: OIDC })),
  );
  return { from: 'oidc', roleArn, providerArn, tokenFile };
}

function readUri(read: SettingsReader, uri: string): CredentialsSettings {
  if (!/^https?:\/\//.test(uri) || !URL.canParse(uri)) {
    read.fault(
      'ALIBABA_CLOUD_CREDENTIALS_URI',
      say(read.language, 'url-malformed'),
      say(read.language, 'credentials-uri.fix'),
    );
  }
  return { from: 'uri', uri };
}
