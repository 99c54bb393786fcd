import { expect, test } from 'vitest';
import { select } from './pick-files.js';

const picked = (name: string, type = '') => ({
  file: new File(['x'], name.split('/').at(-1) ?? '', { type }),
  name,
});

test('leaves out what is not an image in a folder, but sends every file that was named itself', () => {
  const files = [
    picked('album/a.JPG'),
    picked('album/.DS_Store'),
    picked('album/b', 'image/png'),
    picked('album/c.JFIF'),
    picked('album/d.jpe'),
    picked('notes.txt'),
  ];
  const { images, leftOut } = select(files);
  expect([images.map(({ name }) => name), leftOut]).toEqual([
    ['album/a.JPG', 'album/b', 'album/c.JFIF', 'album/d.jpe', 'notes.txt'],
    ['album/.DS_Store'],
  ]);
});

test('takes a single sheet or archive as a batch', () => {
  for (const name of ['rows.csv', 'ROWS.NDJSON', 'all.zip'])
    expect(select([picked(name)]).sheet?.name).toBe(name);
  expect(select([picked('rows.csv'), picked('a.jpg')]).sheet).toBeNull();
});
