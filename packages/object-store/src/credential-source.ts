import type { Credentials, CredentialsSettings } from './credentials.js';

/** Gives the key pair for each call to OSS. */
export interface CredentialSource {
  /** @throws NoCredentials when the source gives none */
  get(): Promise<Credentials>;
  /** Drops the key pair, because OSS refused it as expired. The next `get` asks the source again. */
  forget(): void;
}

/** No key pair could be had, so nothing was sent to OSS. */
export class NoCredentials extends Error {
  override readonly name = 'NoCredentials';

  constructor(
    /** The code of STS, if STS replied. The message of the cause may contain secrets, and is not kept. */
    readonly ecCode: string | null,
  ) {
    super('The source of the credentials gave none');
  }
}

export function openCredentialSource(settings: CredentialsSettings): CredentialSource {
  if (settings.from !== 'static') return openRenewedSource(settings);
  return { get: () => Promise.resolve(settings), forget() {} };
}

/**
 * Keeps a key pair for `recheckMs`. The library renews a temporary one 15 minutes before it expires. In the last hour of
 * that of an ECS role it asks the metadata server at each call: hence the pause between two calls. Calls use the last key pair
 * while a request for a new one is pending, so a source that hangs stalls none of them.
 */
export function openRenewedSource(settings: Renewed, recheckMs = RECHECK_MS): CredentialSource {
  let provider: Provider | null = null;
  let last: Credentials | null = null;
  let renewal: Promise<Credentials> | null = null;
  let recheckAt = 0;

  async function renew(): Promise<Credentials> {
    try {
      provider ??= await openProvider(settings);
      const { accessKeyId, accessKeySecret, securityToken } = await provider.getCredentials();
      last = { accessKeyId, accessKeySecret, securityToken: securityToken || null };
      recheckAt = Date.now() + recheckMs;
      return last;
    } catch (cause) {
      provider = null;
      recheckAt = Date.now() + RETRY_MS;
      throw new NoCredentials(stsCode(cause));
    } finally {
      renewal = null;
    }
  }

  return {
    async get() {
      if (last !== null && Date.now() < recheckAt) return last;
      renewal ??= renew();
      if (last === null) return renewal;
      renewal.catch(() => {});
      return last;
    },
    forget() {
      provider = null;
      last = null;
    },
  };
}

const RECHECK_MS = 60_000;
/** After a failure, while the last key pair is still in use. */
const RETRY_MS = 10_000;
/** A metadata server on the machine responds within milliseconds. The library would wait for 15 s. */
const URI_CONNECT_MS = 1000;
const URI_READ_MS = 2000;

type Renewed = Exclude<CredentialsSettings, { from: 'static' }>;

interface Provider {
  getCredentials(): Promise<{ accessKeyId: string; accessKeySecret: string; securityToken: string }>;
}

/** The library is loaded only where it is needed: most processes have a static key pair. */
async function openProvider(settings: Renewed): Promise<Provider> {
  const library = await import('@alicloud/credentials');
  if (settings.from === 'ecs-role')
    return library.ECSRAMRoleCredentialsProvider.builder().withRoleName(settings.roleName).build();
  if (settings.from === 'uri')
    return library.URICredentialsProvider.builder()
      .withCredentialsURI(settings.uri)
      .withConnectTimeout(URI_CONNECT_MS)
      .withReadTimeout(URI_READ_MS)
      .build();
  return library.OIDCRoleArnCredentialsProvider.builder()
    .withRoleArn(settings.roleArn)
    .withOIDCProviderArn(settings.providerArn)
    .withOIDCTokenFilePath(settings.tokenFile)
    .withRoleSessionName('pixdock')
    .build();
}

function stsCode(cause: unknown): string | null {
  const message = cause instanceof Error ? cause.message : '';
  return /"Code"\s*:\s*"([A-Za-z0-9.]{1,64})"/.exec(message)?.[1] ?? null;
}
