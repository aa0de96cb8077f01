/** A small change of the code that breaks one promise, and the tests that hold to the promise. */
export interface Mutant {
  area: string;
  /** What the server does with the change, in one sentence. */
  title: string;
  file: string;
  /** Stands in the file once. */
  find: string;
  replace: string;
  /** Test files below test/, of which one has to fail. */
  tests: string[];
  /** Part of the title of the test that has to fail, where its file is slow. */
  only?: string;
}

export const mutants: readonly Mutant[];

/** The file with the change. @throws Error when the text to replace does not stand in it exactly once */
export function mutate(source: string, mutant: Mutant): string;
