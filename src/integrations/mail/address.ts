/** A mailbox in the sense of RFC 5322, 3.4: where to, and the name shown beside it. */
export interface Mailbox {
  name: string;
  address: string;
}

/**
 * What an address may not hold: white space and every control, format or unpaired character (header
 * and SMTP command injection), and the characters by which one string becomes two addresses, a
 * group, a comment or a quoted name (RFC 5322, 3.4). Quoted local parts are given up with them, as
 * RFC 5321, 4.1.2 advises.
 */
const PLAIN_ADDRESS = /^[^\s\p{C}@<>()[\],;:"\\]+@[^\s\p{C}@<>()[\],;:"\\]+$/u;

/** RFC 5321, 4.5.3.1: a path has at most 256 octets, its angle brackets included. */
const MAX_ADDRESS_OCTETS = 254;

/** True for exactly one bare address, without a name. Says nothing about whether it exists. */
export function isPlainAddress(text: string): boolean {
  return PLAIN_ADDRESS.test(text) && Buffer.byteLength(text) <= MAX_ADDRESS_OCTETS;
}

/**
 * Reads a configured sender: `no-reply@example.org` or `Identity <no-reply@example.org>`.
 *
 * @throws Error when it is neither
 */
export function parseMailbox(text: string): Mailbox {
  const named = /^(?<name>[^<>\p{C}]*)<(?<address>[^<>]+)>$/u.exec(text.trim());
  const address = (named?.groups?.address ?? text).trim();
  const name = (named?.groups?.name ?? '').trim().replace(/^"(.*)"$/, '$1');
  if (!isPlainAddress(address))
    throw new Error('The sender of mails must look like no-reply@example.org or Identity <no-reply@example.org>');
  return { name, address };
}
