import type { PreviewPicture } from '@pixdock/contract/sheet/preview';
import { useEffect, useState } from 'preact/hooks';
import { useObjectUrl } from '../parts/use-object-url.js';

/** A picture of a workbook, which the page reads from the file itself; its name if it cannot be shown. */
export function CellPicture({ file, picture }: { file: File; picture: PreviewPicture }) {
  const { name, entry } = picture;
  const [content, setContent] = useState<Blob | null>(null);
  const [isBroken, setIsBroken] = useState(entry === null);
  useEffect(() => {
    if (entry === null) return;
    let isOver = false;
    readEntry(file, entry)
      .then((found) => !isOver && setContent(found))
      .catch(() => !isOver && setIsBroken(true));
    return () => (isOver = true);
  }, [file, entry]);
  const url = useObjectUrl(content);
  if (isBroken) return <span class="soft">{name}</span>;
  if (url === null) return <span class="cell-picture" />;
  return (
    <img
      class="cell-picture"
      src={url}
      alt={name}
      title={name}
      loading="lazy"
      decoding="async"
      onError={() => setIsBroken(true)}
    />
  );
}

type Entry = NonNullable<PreviewPicture['entry']>;

/** Of the local header of an entry in a ZIP archive (APPNOTE 4.3.7), without name and extra field. */
const HEADER_BYTES = 30;

/** Reads an entry of a ZIP archive. @throws if it inflates to more bytes than the server has read in the directory */
async function readEntry(file: Blob, { offset, compressedBytes, bytes, isDeflated }: Entry): Promise<Blob> {
  const header = new DataView(await file.slice(offset, offset + HEADER_BYTES).arrayBuffer());
  const begin = offset + HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const packed = file.slice(begin, begin + compressedBytes);
  if (!isDeflated) return packed;
  let remaining = bytes;
  const bounded = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      remaining -= piece.length;
      if (remaining < 0) throw new RangeError('The entry is longer than its directory says.');
      controller.enqueue(piece);
    },
  });
  const unpacked = packed.stream().pipeThrough(new DecompressionStream('deflate-raw')).pipeThrough(bounded);
  return new Response(unpacked).blob();
}
