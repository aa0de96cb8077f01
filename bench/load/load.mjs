import { fork } from 'node:child_process';

/** The generator's process, as its parent sees it. */
export class Load {
  #child = fork(new URL('./generator.mjs', import.meta.url), { serialization: 'advanced' });
  #waiting = new Map();
  #id = 0;

  constructor() {
    this.#child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) reject(new Error(`the generator failed: ${error}`));
      else resolve(result);
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the generator ended with ${code}`));
    });
  }

  /** One slice of load; several may run at once. See generator.mjs for the spec and the result. */
  run(spec) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, spec });
    });
  }

  close() {
    this.#child.disconnect();
  }
}
