import { listKeys } from '@pixdock/e2e/harness/bucket';
import type { Stack } from '@pixdock/e2e/harness/stack';

/** The objects of one image under the default profile. */
const OBJECTS = [/^main\.(jpg|png|webp)$/, /^thumb\.webp$/];

/**
 * Compares the bucket with the published images.
 * @param urls of `main` of every published image
 */
export async function compareBucket(stack: Stack, urls: ReadonlySet<string>) {
  const folders = new Map<string, string[]>();
  const keys = await listKeys(stack);
  for (const key of keys) {
    const at = key.lastIndexOf('/');
    const [folder, name] = [key.slice(0, at), key.slice(at + 1)];
    folders.set(folder, [...(folders.get(folder) ?? []), name]);
  }
  const findings: string[] = [];
  for (const url of urls) {
    const key = new URL(url).pathname.split('/').slice(2).join('/');
    const folder = key.slice(0, key.lastIndexOf('/'));
    const names = (folders.get(folder) ?? []).toSorted();
    folders.delete(folder);
    const isWhole =
      names.length === OBJECTS.length && OBJECTS.every((object, i) => object.test(names[i] ?? ''));
    if (!isWhole || !names.includes(key.slice(folder.length + 1)))
      findings.push(`${key} has ${names.join()}`);
  }
  for (const [folder, names] of folders)
    findings.push(`${folder} belongs to no published image: ${names.join()}`);
  return { objects: keys.length, findings };
}
