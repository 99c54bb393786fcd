import type { Pixdock } from '../../pixdock.js';
import type { ExitCode } from '../exit.js';
import { EXIT } from '../exit.js';
import { showImage } from '../image/show-image.js';
import { watchImage } from '../image/watch-image.js';
import type { Shell } from '../shell.js';
import { visible } from '../terminal/visible.js';

/** Has the server fetch one image. */
export async function importUrl(shell: Shell, client: Pixdock, url: string): Promise<ExitCode> {
  const { given, signal, screen, t } = shell;
  const created = await client.images.importUrl(url, { profile: given.text('profile'), signal });
  if (!given.flag('watch')) {
    shell.result(created, created.id);
    screen.err(
      t(`Follow it: pixdock status ${created.id} --watch`, `查看进度：pixdock status ${created.id} --watch`),
    );
    return EXIT.ok;
  }
  const image = await watchImage(shell, client, created.id);
  if (image.status !== 'published') return showImage(shell, image);
  shell.result(image, `${image.url}\t${visible(url)}`);
  return EXIT.ok;
}
