/**
 * Latencies of one slice, in milliseconds; kept whole, since a slice has at most some hundred
 * thousand.
 */
export class Latencies {
  #values = new Float64Array(1 << 16);
  #count = 0;

  add(ms) {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = ms;
  }

  /** @returns {Float64Array} in ascending order */
  sorted() {
    return this.#values.subarray(0, this.#count).sort();
  }
}

/**
 * The value that the share `p` (0 to 1) of the sorted values does not exceed; 0 when there are
 * none.
 */
export function percentile(sorted, p) {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))];
}
