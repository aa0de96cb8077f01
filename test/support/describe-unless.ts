/** Registers the suite, or what is missing for it as the reason why it is skipped, which closing-summary.cjs shows. */
export function describeUnless(missing: string | undefined, title: string, suite: () => void): void {
  if (!missing) {
    describe(title, suite);
    return;
  }
  const { skip } = describe;
  skip(`${title} [skipped: ${missing}]`, suite);
}
