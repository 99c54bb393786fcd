import { expect, test } from 'vitest';
import { ADOBE, makeProfile } from '../testing/colour-profile.js';
import { readIcc } from './icc.js';

const made = () => makeProfile('Made here', ADOBE);
const DESC_ENTRY = 132;

/** A profile whose description is `tag`. */
function describedBy(tag: Buffer): Buffer {
  const profile = Buffer.concat([made(), tag]);
  profile.writeUInt32BE(profile.length, 0);
  profile.writeUInt32BE(profile.length - tag.length, DESC_ENTRY + 4);
  profile.writeUInt32BE(tag.length, DESC_ENTRY + 8);
  return profile;
}

function mluc(name: string, length = name.length * 2): Buffer {
  const tag = Buffer.alloc(28);
  tag.write('mluc', 0, 'latin1');
  tag.writeUInt32BE(1, 8);
  tag.writeUInt32BE(12, 12);
  tag.writeUInt32BE(length, 20);
  tag.writeUInt32BE(28, 24);
  return Buffer.concat([tag, Buffer.from(name, 'utf16le').swap16()]);
}

test('reads the description of version 2 and version 4 profiles', () => {
  expect(readIcc(made())).toEqual({ space: 'RGB', name: 'Made here' });
  expect(readIcc(describedBy(mluc('显示 P3')))).toEqual({ space: 'RGB', name: '显示 P3' });
});

test('limits the work for a description that claims a large size', () => {
  expect(readIcc(describedBy(mluc('P3', 2 ** 32 - 1)))?.name).toBe('P3');
  expect(readIcc(describedBy(mluc('x'.repeat(1_000_000))))?.name).toBe('x'.repeat(128));
  expect(readIcc(describedBy(Buffer.from('mluc')))?.name).toBe('');
});

function hundredTagsInThousandBytes(profile: Buffer): Buffer {
  profile.writeUInt32BE(1000, 0);
  profile.writeUInt32BE(100, 128);
  return profile.subarray(0, 1000);
}

test.each<[string, (profile: Buffer) => Buffer]>([
  ['cut', (profile) => profile.subarray(0, 200)],
  ['nearly empty', (profile) => profile.subarray(0, 100)],
  ['with more tags than it has room for', hundredTagsInThousandBytes],
  ['with more tags than lcms reads', (profile) => (profile.writeUInt32BE(101, 128), profile)],
  ['with a tag past its end', (profile) => (profile.writeUInt32BE(2 ** 32 - 1, DESC_ENTRY + 4), profile)],
  ['of a length past its end', (profile) => (profile.writeUInt32BE(profile.length + 1, 0), profile)],
  ['for another illuminant', (profile) => (profile.writeInt32BE(0, 68), profile)],
  ['without a signature', (profile) => (profile.write('none', 36, 'latin1'), profile)],
])('rejects a profile %s', (_, change) => {
  expect(readIcc(change(made()))).toBeNull();
});
