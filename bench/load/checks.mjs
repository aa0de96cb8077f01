/**
 * How an answer is judged: every answer of every run is, and one that is wrong fails the benchmark.
 * `check.kind` says how; see the functions.
 */
const json = (body) => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const at = (value, path) => path.split('.').reduce((v, key) => v?.[key], value);

const kinds = {
  /** Byte for byte what it was the first time. */
  bytes: ({ body }) => {
    return (status, text) => status === 200 && text === body;
  },
  /**
   * JSON whose member at `path` is a string of at least `length` characters, and that has no
   * `errors`.
   */
  member: ({ path, length = 1 }) => {
    return (status, text) => {
      const value = json(text);
      const found = at(value, path);
      return status === 200 && value.errors === undefined && typeof found === 'string' && found.length >= length;
    };
  },
};

/** @returns {(status: number, body: string) => boolean} */
export function authorize(check) {
  return kinds[check.kind](check);
}

export { at, json };
