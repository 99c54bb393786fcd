/** Reads the value of an option. @throws TypeError with the usage of the command */
export function wholeNumber(text: string, option: string, usage: string, least = 1): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
  throw new TypeError(`${option} is a whole number from ${least}, not "${text}": ${usage}`);
}
