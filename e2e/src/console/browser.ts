import type { Browser, BrowserContext, Page } from 'playwright-core';

/** A context that notes what a page must not do. */
export interface Watched {
  context: BrowserContext;
  page: Page;
  /** Violations of the policy, errors of scripts, and requests to other servers. */
  faults: string[];
  /** Requests without a response or with an error. */
  failures: string[];
}

/** Opens a context whose pages may only ask these origins. */
export async function openWatched(
  browser: Browser,
  origins: readonly string[],
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Watched> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (line) => {
    if (/Content Security Policy|Refused to/.test(line.text())) faults.push(line.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:$/.test(protocol) && !origins.includes(origin)) faults.push(`a request to ${origin}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) failures.push(`${response.status()} ${response.url()}`);
  });
  page.on('requestfailed', (request) => {
    const { errorText = '' } = request.failure() ?? {};
    // The page ends its event streams itself.
    if (errorText !== 'net::ERR_ABORTED') failures.push(`${errorText} ${request.url()}`);
  });
  return { context, page, faults, failures };
}
