/** Converts CMYK samples without a profile as browsers do: each colour times black. Drops further channels. */
export function cmykToRgb(cmyk: Buffer, channels: number): Buffer {
  const rgb = Buffer.allocUnsafe((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    for (let i = 0; i < 3; i++) rgb[to++] = ((255 - (cmyk[from + i] ?? 0)) * light) / 255 + 0.5;
  }
  return rgb;
}
