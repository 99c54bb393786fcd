/** In UTF-16 code units: every record has it, in Redis too. */
export const SHOWN_URL_MAX = 1024;

/** Parameters of signed URLs and of APIs, compared in lower case without `-` and `_`. */
const CREDENTIALS =
  /token|secret|passw|pwd|signature|credential|apikey|accesskey|privatekey|authorization|sessionid|^(?:key|sig|sign|auth|jwt|pass|code|ticket|policy|sid|session|keypairid|securitykey|authkey)$/;
/** A JSON Web Token, an access key of Alibaba Cloud or AWS, or a value with its own user and password. */
const CREDENTIAL_VALUE = /^eyJ[\w-]+\.|^(?:LTAI|STS\.|AKIA|ASIA)[A-Za-z0-9]{8,}|^Bearer(?:\s|%20|\+)/;

/** URLs within each other that are searched. Each one costs its length, so a long URL of hundreds would take 0.1 s. */
const MAX_NESTED = 3;

/**
 * A source's URL as responses and reports show it: without user, password and fragment, and without the values of query
 * parameters that look like credentials. A longer one is cut.
 */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  const parameters = search
    .slice(1)
    .split('&')
    .map((parameter) => withoutCredential(parameter));
  const shown = `${origin}${pathname}${search === '' ? '' : `?${parameters.join('&')}`}`;
  return shown.slice(0, SHOWN_URL_MAX).replace(/[\ud800-\udbff]$/, '');
}

function withoutCredential(parameter: string, nested = 0): string {
  const [name = ''] = parameter.split('=', 1);
  const value = parameter.slice(name.length + 1);
  const plain = decoded(name).toLowerCase().replace(/[-_]/g, '');
  const isSecret =
    CREDENTIALS.test(plain) || CREDENTIAL_VALUE.test(value) || mayHaveCredentials(decoded(value), nested + 1);
  return isSecret ? `${name}=` : parameter;
}

/** Whether a value is itself a URL with credentials, such as the target of a redirect, or a URL that is not searched. */
function mayHaveCredentials(value: string, nested: number): boolean {
  if (!/^https?:/i.test(value) || !URL.canParse(value)) return false;
  if (nested > MAX_NESTED) return true;
  const { username, password, search } = new URL(value);
  const parameters = search.slice(1).split('&');
  return (
    username + password !== '' ||
    parameters.some((parameter) => withoutCredential(parameter, nested) !== parameter)
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
