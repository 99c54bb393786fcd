/** This attempt no longer holds the image: another attempt or a deletion does. */
export class LostImage extends Error {
  override readonly name = 'LostImage';
}
