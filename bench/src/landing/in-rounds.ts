/** Measures each side in turn, as many times as there are rounds. @returns the samples of each round, in the order of the sides */
export async function inRounds<S extends { name: string }, T>(
  { rounds, say }: { rounds: number; say: (line: string) => void },
  sides: readonly S[],
  measure: (side: S) => Promise<T>,
): Promise<T[][]> {
  const samples: T[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const ofRound: T[] = [];
    for (const side of sides) {
      say(`round ${round} of ${rounds}: ${side.name}`);
      ofRound.push(await measure(side));
    }
    samples.push(ofRound);
  }
  return samples;
}
