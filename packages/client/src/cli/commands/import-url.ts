import type { SubmitOptions } from '../../image-options.js';
import type { Pixdock } from '../../pixdock.js';
import { EXIT, type ExitCode } from '../exit.js';
import { showImage, watchImage } from '../image/show-image.js';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';

export const isUrl = (argument: string) => /^https?:\/\//i.test(argument);

/** Imports one image by its URL. Without `watches` it does not wait for the result. */
export async function importUrl(
  shell: Shell,
  client: Pixdock,
  url: string,
  { watches, ...options }: SubmitOptions & { watches: boolean },
): Promise<ExitCode> {
  const { signal, screen, say } = shell;
  const created = await client.images.importUrl(url, { ...options, signal });
  if (!watches) {
    shell.result(created, created.id);
    screen.err(say('follow-hint', { id: created.id }));
    return EXIT.ok;
  }
  const image = await followImage(shell, client, created.id);
  if (image.status !== 'published') return showImage(shell, image);
  shell.result(image, `${image.url ?? image.id}\t${visible(url)}`);
  return EXIT.ok;
}

async function followImage(shell: Shell, client: Pixdock, id: string) {
  try {
    return await watchImage(shell, client, id);
  } catch (error) {
    if (shell.signal.aborted) shell.screen.err(shell.say('image-continues', { id }));
    throw error;
  }
}
