/** A file that a person has chosen, with its path within a chosen folder. */
export interface Picked {
  file: File;
  /** The name, or the path below the chosen folder. */
  name: string;
}

export interface Selection {
  images: Picked[];
  /** A sheet or an archive, which becomes a batch. */
  sheet: File | null;
  /** Names of the files of folders that are not images. */
  leftOut: string[];
}

const SHEET = /\.(csv|tsv|xls[xm]|ndjson|jsonl|zip)$/i;
const IMAGE = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|tiff?|heic|heif|bmp)$/i;

/** The files of a drop, with those of its folders. Call it before the first await: a drop loses its items. */
export async function pickDropped(transfer: DataTransfer): Promise<Selection> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const single = entries.length === 0 ? [...transfer.files] : [];
  const found = await Promise.all(entries.map((entry) => filesBelow(entry, '')));
  return select([...single.map((file) => ({ file, name: file.name })), ...found.flat()]);
}

/** The files of an input. */
export function pickChosen(files: FileList | null): Selection {
  return select([...(files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
}

/** Keeps all files that were named one by one: the server says what is wrong with them. */
export function select(files: readonly Picked[]): Selection {
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0 && SHEET.test(only.name))
    return { images: [], sheet: only.file, leftOut: [] };
  const isTaken = ({ file, name }: Picked) => !name.includes('/') || isImage(file);
  const images = files.filter(isTaken);
  const leftOut = files.filter((one) => !isTaken(one)).map(({ name }) => name);
  return { images, sheet: null, leftOut };
}

const isImage = ({ type, name }: File) => type.startsWith('image/') || IMAGE.test(name);

async function filesBelow(entry: FileSystemEntry, folder: string): Promise<Picked[]> {
  const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ file, name }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Picked[] = [];
  for (;;) {
    // It returns a hundred entries at most.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesBelow(one, name)));
  }
}
