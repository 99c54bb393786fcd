import type { Image } from '@pixdock/contract/image';
import type { Pixdock } from '../../pixdock.js';
import type { Shell } from '../shell.js';

/** Shows the stage of an image until it is final. `each` gets every snapshot. */
export async function watchImage(
  { screen, say, signal }: Shell,
  client: Pixdock,
  id: string,
  each: (image: Image) => void = () => {},
): Promise<Image> {
  let image: Image | undefined;
  const drawing = screen.draw(1, () =>
    image === undefined ? '' : `  ${say(`status.${image.status}`)}  ${say(`stage.${image.stage}`)}`,
  );
  try {
    for await (image of client.images.watch(id, { signal })) each(image);
  } finally {
    drawing.stop();
  }
  if (image === undefined) throw new Error('A watch ended without a snapshot.');
  return image;
}
