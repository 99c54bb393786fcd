import type { ApiConfig } from '../config.js';
import type { Caller } from '../keys/keyring.js';
import type { BodyLimits } from './check-headers.js';

/** The limits of a body, which an upload token may lower. */
export function limitsOf({ token }: Pick<Caller, 'token'>, config: ApiConfig): BodyLimits {
  if (token === null) return config;
  const maxUploadBytes = Math.min(config.maxUploadBytes, token.maxBytes);
  return { ...config, maxUploadBytes, onlyProfile: token.profile, onlyFiles: true };
}
