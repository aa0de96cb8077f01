import type { ZxcvbnFactory } from '@zxcvbn-ts/core';

/** Longer passwords are estimated by their beginning: the work grows faster than the length. */
const ESTIMATED_CHARACTERS = 100;

let estimator: Promise<ZxcvbnFactory> | undefined;

/** The word lists take 150 ms and 20 MB of heap, so they are loaded when a password is first estimated. */
async function loadEstimator(): Promise<ZxcvbnFactory> {
  const { ZxcvbnFactory } = await import('@zxcvbn-ts/core');
  const { adjacencyGraphs, dictionary } = await import('@zxcvbn-ts/language-common');
  return new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
}

/** How many guesses an attacker needs who knows these words, as a decimal logarithm. */
export async function estimateGuesses(password: string, words: readonly string[]): Promise<number> {
  estimator ??= loadEstimator();
  const { guessesLog10 } = (await estimator).check(password.slice(0, ESTIMATED_CHARACTERS), [...words]);
  return guessesLog10;
}
