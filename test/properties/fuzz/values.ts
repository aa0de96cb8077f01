import fc from 'fast-check';

/** Texts that databases, logs, parsers and normalization have tripped over. */
export const nasty = fc.constantFrom(
  '',
  '\0',
  '\ud800',
  '\u{FEFF}',
  '__proto__',
  'constructor',
  "' or 1=1 --",
  '%00',
  '../..',
  '{{x}}',
  '💥',
  'ADMIN',
  'admin',
  '2000-02-30',
  'a@b',
  '0',
  '00000000-0000-4000-8000-000000000000',
  `a${'\u0301'.repeat(3000)}${'\u0323'.repeat(3000)}`,
  'x'.repeat(20_000),
);

export const text = fc.oneof(
  { weight: 2, arbitrary: nasty },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
);

/** Mostly a text, and anything that JSON can hold. */
export const anything = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, true, -1, 1e308, 2 ** 53, [[[[]]]], { a: { b: [null] } }) },
);

/** Changes a text at a few places: bytes that are lost, doubled, moved or replaced. */
export const mutated = (original: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      original,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(3), fc.string({ unit: 'binary' })), {
        minLength: 1,
        maxLength: 4,
      }),
    )
    .map(([source, changes]) =>
      changes.reduce((now, [where, kind, insert]) => {
        const at = Math.floor(where * now.length);
        if (kind === 0) return now.slice(0, at) + now.slice(at + 1);
        if (kind === 1) return now.slice(0, at) + insert + now.slice(at);
        if (kind === 2) return now.slice(0, at) + now.slice(at, at + 20) + now.slice(at);
        return now.slice(0, at);
      }, source),
    );
