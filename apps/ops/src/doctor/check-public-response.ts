import type { Text } from '@pixdock/contract/messages/text';
import { publicRefusal } from '@pixdock/object-store/public-refusal';
import type { NewObject } from '@pixdock/object-store/types';
import { text } from '../messages/doctor.js';
import type { PublicResponse } from './fetch-public-url.js';
import { Finding } from './finding.js';

/** Checks that a browser would display `object`. @throws Finding if not */
export function checkPublicResponse(response: PublicResponse, object: NewObject): Text {
  const { status, headers, body } = response;
  if (status !== 200) throw findingOfStatus(response);
  if (!body.equals(object.body)) {
    throw isPage(response)
      ? new Finding('PublicPage', verbatim(headers['content-type']))
      : new Finding(
          'PublicBytesDiffer',
          text('other-size', { actual: body.length, expected: object.body.length }),
        );
  }
  const disposition = headers['content-disposition'] ?? '';
  if (/^\s*attachment/i.test(disposition) || headers['x-oss-force-download'] === 'true') {
    throw new Finding('ForcedDownload', verbatim(disposition || 'x-oss-force-download: true'));
  }
  const type = headers['content-type'];
  if (type !== object.contentType)
    throw new Finding('PublicTypeDiffers', verbatim(type) ?? text('no-content-type'));
  return text('publicly-readable', { type });
}

function findingOfStatus(response: PublicResponse): Finding {
  const { status, headers, body } = response;
  const document = isPage(response) ? null : body.toString('utf8', 0, 4096);
  const { code, reason } = publicRefusal(status, document);
  const evidence = text('http-status', { status, isPage: document === null, code });
  if (status >= 300 && status < 400)
    return new Finding('Redirected', text('redirect-target', { status, origin: originOf(headers.location) }));
  if (status === 451 || isIcpPage(response)) return new Finding('DomainBlocked', evidence);
  return new Finding(FINDINGS[reason], evidence);
}

const FINDINGS = {
  absent: 'DomainNotBound',
  denied: 'PublicReadDenied',
  blocked: 'DomainBlocked',
  failed: 'PublicError',
} as const;

function isPage({ headers, body }: PublicResponse): boolean {
  return (
    /html/i.test(headers['content-type'] ?? '') ||
    /^\s*<(!doctype )?html/i.test(body.toString('latin1', 0, 200))
  );
}

/** The page that Alibaba Cloud serves for a mainland domain without an ICP filing. */
function isIcpPage(response: PublicResponse): boolean {
  return (
    isPage(response) && /ICP|\u5907\u6848|Non-compliance/.test(response.body.toString('utf8', 0, 64 * 1024))
  );
}

/** Only the origin, because the URL of a login page may contain a token. */
function originOf(location = ''): string | null {
  return URL.canParse(location) ? new URL(location).origin : null;
}

function verbatim(value: string | undefined): Text | null {
  return value === undefined ? null : text('verbatim', { value });
}
