/** Converts CMYK samples without a profile as browsers do: each colour times black. */
export function cmykToRgb(cmyk: Buffer): Buffer {
  const rgb = Buffer.allocUnsafe((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - (cmyk[from + 3] ?? 0);
    for (let i = 0; i < 3; i++) rgb[to++] = ((255 - (cmyk[from + i] ?? 0)) * light) / 255 + 0.5;
  }
  return rgb;
}
