import { deflateRawSync } from 'node:zlib';

/** Half of what HS512 can use; a key made by `openssl rand -base64 64` has 512. */
const REQUIRED_BITS = 256;
/** Bits in a character of a phrase; random base64 of 64 characters has at least 4.7. */
const PHRASE_BITS = 4.6;
/** The share of characters that follow their neighbour, as in "abcdef"; below 0.4 in random hexadecimal. */
const SEQUENCE_SHARE = 0.5;
const GUESSED_WORDS = /passw|secret|change.?me|example|qwerty|123456/i;

/**
 * Whether a person could have thought of the key (RFC 8725 section 3.5): it repeats itself, counts,
 * is a phrase, or holds a word that stands in every guesser's list.
 */
export function isGuessableKey(key: string): boolean {
  return (
    GUESSED_WORDS.test(key) ||
    deflateRawSync(key, { level: 9 }).length * 8 < REQUIRED_BITS ||
    sequenceShare(key) > SEQUENCE_SHARE ||
    (/\s/.test(key.trim()) && bitsPerCharacter(key) < PHRASE_BITS)
  );
}

/** Shannon's entropy of the characters, each taken alone. */
function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

function sequenceShare(text: string): number {
  let neighbours = 0;
  for (let i = 1; i < text.length; i++) if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1) neighbours++;
  return neighbours / (text.length - 1);
}
