import { expect, test } from 'vitest';
import { ADOBE, gammaCurve, makeGreyProfile, makeProfile } from '../testing/colour-profile.js';
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
  expect(readIcc(made())).toMatchObject({ space: 'RGB', name: 'Made here' });
  expect(readIcc(describedBy(mluc('显示 P3')))).toMatchObject({ space: 'RGB', name: '显示 P3' });
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

const curv = (...points: readonly number[]) => {
  const tag = Buffer.alloc(12 + points.length * 2);
  tag.write('curv', 0, 'latin1');
  tag.writeUInt32BE(points.length, 8);
  points.forEach((point, i) => tag.writeUInt16BE(point, 12 + i * 2));
  return tag;
};
const para = (kind: number, ...parameters: readonly number[]) => {
  const tag = Buffer.alloc(12 + parameters.length * 4);
  tag.write('para', 0, 'latin1');
  tag.writeUInt16BE(kind, 8);
  parameters.forEach((value, i) => tag.writeInt32BE(Math.round(value * 65_536), 12 + i * 4));
  return tag;
};

test.each<[string, Buffer, [number, number, number]]>([
  ['an identity', curv(), [0.25, 0.5, 1]],
  ['a gamma', gammaCurve(2), [0.0625, 0.25, 1]],
  ['a table', curv(0, 6553, 65_535), [0.05, 0.1, 1]],
  ['parameters of type 0', para(0, 2), [0.0625, 0.25, 1]],
  ['parameters of type 1', para(1, 2, 2, -1), [0, 0, 1]],
  ['parameters of type 2', para(2, 2, 2, -1, 0.1), [0.1, 0.1, 1.1]],
  ['parameters of type 3', para(3, 2, 1, 0, 0.5, 0.4), [0.125, 0.25, 1]],
  ['parameters of type 4', para(4, 2, 1, 0, 0.5, 0.4, 0.1, 0.2), [0.325, 0.35, 1.1]],
])('reads the curve of a grey profile: %s', (_, curve, wanted) => {
  const toLinear = readIcc(makeGreyProfile('Grey', curve))?.greyToLinear;
  for (const [i, value] of [0.25, 0.5, 1].entries()) expect(toLinear?.(value)).toBeCloseTo(wanted[i] ?? 0, 4);
});

test.each<[string, Buffer]>([
  ['more points than it has', curv(0, 65_535).fill(255, 8, 12)],
  ['an unknown type', para(5, 1)],
  ['too few parameters', para(4, 1)],
])('reads no curve of %s', (_, curve) => {
  expect(readIcc(makeGreyProfile('Grey', curve))).toMatchObject({ space: 'GRAY', greyToLinear: null });
});
