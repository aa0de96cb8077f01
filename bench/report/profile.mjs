const SHOWN = 10;

/** Profiles the server's main thread through its V8 inspector, one workload after the other. */
export class Profiler {
  #socket;
  #waiting = new Map();
  #id = 0;
  #costliest = [];

  /** @param url of the inspector, which the server prints with --inspect */
  static async connect(url) {
    const profiler = new Profiler();
    await profiler.#open(url);
    await profiler.#call('Profiler.enable');
    return profiler;
  }

  start() {
    return this.#call('Profiler.start');
  }

  async stop(workload) {
    const { profile } = await this.#call('Profiler.stop');
    this.#costliest.push([workload, costliestFunctions(profile)]);
  }

  /** Names the costliest functions of each workload, with their share of the busy time, and lets the server go. */
  print() {
    for (const [workload, functions] of this.#costliest) {
      process.stdout.write(`\n${workload}\n`);
      for (const [name, share] of functions)
        process.stdout.write(`${(100 * share).toFixed(1).padStart(6)} %  ${name}\n`);
    }
    this.#socket.close();
  }

  async #open(url) {
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener('message', ({ data }) => {
      const { id, result, error } = JSON.parse(data);
      const { resolve, reject } = this.#waiting.get(id) ?? {};
      this.#waiting.delete(id);
      if (error) reject?.(new Error(error.message));
      else resolve?.(result);
    });
    await new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve);
      this.#socket.addEventListener('error', () => reject(new Error(`no inspector at ${url}`)));
    });
  }

  #call(method) {
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method }));
    });
  }
}

function costliestFunctions({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const times = new Map();
  let total = 0;
  samples.forEach((id, i) => {
    const frame = byId.get(id);
    if (frame.functionName === '(idle)') return;
    total += timeDeltas[i];
    const name = nameOf(frame);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i]);
  });
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, SHOWN)
    .map(([name, time]) => [name, time / total]);
}

function nameOf({ functionName, url, lineNumber }) {
  const place = url.replace(/^file:\/\//, '').replace(/^.*\/(?=node_modules\/|dist\/)/, '');
  const name = functionName || '(anonymous)';
  return place === '' ? name : `${name} ${place}:${lineNumber + 1}`;
}
