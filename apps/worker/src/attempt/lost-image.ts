/** This attempt is no longer current: another attempt or a deletion has the image. */
export class LostImage extends Error {
  override readonly name = 'LostImage';
}
