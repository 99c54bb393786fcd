/** Submits an image as bob and waits for it. Returns the status, or the error if there was no response. */
export async function postAsBob(
  api: string,
  type: string,
  body: Uint8Array,
  waitSeconds: number,
  query = '',
): Promise<string> {
  try {
    const response = await fetch(new URL(`/v1/images${query}`, api), {
      method: 'POST',
      headers: {
        Authorization: 'Bearer key-of-the-owner-bob',
        'Content-Type': type,
        Prefer: `wait=${waitSeconds}`,
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout((waitSeconds + 5) * 1000),
    });
    await response.arrayBuffer();
    return String(response.status);
  } catch (error) {
    return (error as Error).message;
  }
}
