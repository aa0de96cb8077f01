import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { transform } from 'esbuild';
import type { Loose } from '../../support/rest';

/** An example of a contract's document. */
export interface Block {
  language: 'bash' | 'javascript';
  /** The nearest heading before it, and its place in the document. */
  title: string;
  line: number;
  code: string;
}

/** The fenced examples of a document in one of the languages that can be run. */
export function blocksOf(document: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: { language: string; line: number; code: string[] } | undefined;
  for (const [index, line] of document.split(/\r?\n/).entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open && fence) {
      const { language, code } = open;
      if (language === 'bash' || language === 'javascript')
        blocks.push({ language, title: heading, line: open.line, code: code.join('\n') });
      open = undefined;
    } else if (fence) open = { language: fence[1]!, line: index + 1, code: [] };
    else if (open) open.code.push(line);
    else if (line.startsWith('#')) heading = line.replace(/^#+\s*/, '');
  }
  return blocks;
}

export interface Called {
  status: number;
  body: Loose;
}

/** Runs a block of shell with the real curl, and takes note of every answer. */
export async function runShell(code: string): Promise<Called[]> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'curl-'));
  fs.writeFileSync(path.join(home, '.curlrc'), 'silent\nshow-error\nmax-time = 10\nwrite-out = "\\n%{http_code}\\n"\n');
  try {
    const { stdout } = await promisify(execFile)('bash', ['-euc', code], {
      env: { PATH: process.env.PATH, CURL_HOME: home, HOME: home },
    });
    const lines = stdout.trim().split('\n');
    return lines.flatMap((line, i) => (i % 2 === 1 ? [{ status: Number(line), body: JSON.parse(lines[i - 1]!) }] : []));
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}

/** What a script of a browser meets: stored values, a place, a console, and a network. */
export class Page {
  readonly stored = new Map<string, string>();
  readonly logged: unknown[][] = [];
  readonly called: Called[] = [];
  readonly location = { href: '/' };

  /** @param address where a URL of the document is to be found instead */
  constructor(private readonly address: (url: string) => string) {}

  private readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    const response = await fetch(this.address(url), init);
    this.called.push({ status: response.status, body: await response.clone().json() });
    return response;
  };

  private globals(): Record<string, unknown> {
    return {
      fetch: this.fetch,
      window: { location: this.location },
      console: { log: (...values: unknown[]) => this.logged.push(values) },
      localStorage: {
        getItem: (key: string) => this.stored.get(key) ?? null,
        setItem: (key: string, value: string) => void this.stored.set(key, String(value)),
        removeItem: (key: string) => void this.stored.delete(key),
      },
    };
  }

  /** Runs a script; `values` are names that it takes from its surroundings. */
  async run(code: string, values: Record<string, unknown> = {}): Promise<void> {
    const names = { ...this.globals(), ...values };
    const AsyncFunction = (async () => undefined).constructor as new (
      ...args: string[]
    ) => (...args: unknown[]) => Promise<void>;
    for (const script of runnable(code))
      await new AsyncFunction(...Object.keys(names), script)(...Object.values(names));
  }

  /**
   * Loads a module; `modules` are what it may import beside what is installed. @returns what it
   * exports
   */
  async load(code: string, modules: Record<string, unknown>): Promise<Loose> {
    const { code: commonJs } = await transform(code, { format: 'cjs', loader: 'jsx' });
    const installed = createRequire(__filename);
    const module = { exports: {} };
    const names: Record<string, unknown> = {
      ...this.globals(),
      module,
      require: (name: string) => modules[name] ?? installed(name),
    };
    new Function(...Object.keys(names), commonJs)(...Object.values(names));
    return module.exports;
  }
}

/** A script that declares a name twice is meant to be read as two. */
function runnable(code: string): string[] {
  const declared = [...code.matchAll(/^const (\w+)/gm)];
  const again = declared.find(({ 1: name }, i) => declared.findIndex((other) => other[1] === name) < i);
  return again ? [code.slice(0, again.index), ...runnable(code.slice(again.index))] : [code];
}
