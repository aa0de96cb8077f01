/** The longest texts that are normalized, compared or hashed, in characters (code points). */
export const textLimits = { username: 255, email: 254, name: 255, phone: 20, password: 1024, search: 1100 } as const;

/** The most code points that NFC makes one of, as in Vietnamese: a letter with two marks. */
const LONGEST_SEQUENCE = 3;

/** How many characters a text has: code points, not UTF-16 units. */
export const characters = (text: string): number => {
  let count = 0;
  for (const _ of text) count++;
  return count;
};

/**
 * The text in NFC, or null when it is above its limit however it is written. Normalizing a run of
 * combining marks takes quadratic time, so this is the only function that normalizes.
 */
export function normalizeText(text: string, limit: keyof typeof textLimits): string | null {
  return characters(text) > LONGEST_SEQUENCE * textLimits[limit] ? null : text.normalize('NFC');
}
