import { PixdockError } from '../errors.js';
import type { Received } from '../staging/sink.js';
import type { Profiles } from './profile.js';

/** What a source must be, known without decoding it. */
export interface Requirements {
  profile: string;
  /** That the caller says it has; null when nothing was said. */
  sha256: string | null;
}

/** @throws PixdockError digest_mismatch, unknown_profile, unsupported_media_type, payload_too_large */
export function checkSource(
  source: Received,
  { profile: name, sha256 }: Requirements,
  profiles: Profiles,
): void {
  if (sha256 !== null && sha256 !== source.sha256) throw new PixdockError('digest_mismatch');
  const profile = profiles.get(name);
  if (profile === undefined) throw unknownProfile(profiles);
  const { formats, maxBytes } = profile.require;
  if (formats !== undefined && !formats.includes(source.format))
    throw new PixdockError('unsupported_media_type', {
      en: `Profile ${name} takes ${formats.join(', ')}; this is ${source.format}.`,
      zh: `profile ${name} 只接受 ${formats.join('、')}；此文件为 ${source.format}。`,
    });
  if (maxBytes !== undefined && source.bytes > maxBytes)
    throw new PixdockError('payload_too_large', {
      en: `Profile ${name} takes up to ${maxBytes} bytes; this file has ${source.bytes}.`,
      zh: `profile ${name} 最多接受 ${maxBytes} 字节；此文件有 ${source.bytes} 字节。`,
    });
}

/** The error for a profile that is none of these, with their names. */
export function unknownProfile(profiles: Profiles): PixdockError {
  const names = [...profiles.keys()].join(', ');
  return new PixdockError('unknown_profile', {
    en: `There is no such profile; this server has ${names}.`,
    zh: `没有这个 profile；此服务器提供 ${names}。`,
  });
}
