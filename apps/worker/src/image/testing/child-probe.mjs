// The real decoder child, which also answers whether it has a loader for a file.
import sharp from 'sharp';

await import('../../../dist/image/child.js');

process.on('message', ({ type, path }) => {
  if (type === 'probe') void probe(path);
});

async function probe(path) {
  const metadata = await sharp(path)
    .metadata()
    .catch(() => null);
  process.send({ type: 'probed', said: metadata?.format ?? 'no loader' });
}
