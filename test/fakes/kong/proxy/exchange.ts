import type { Row } from '../database';
import type { ProxyAnswer } from './proxy-answers';

/** One proxied request on its way through the plugins. */
export interface Exchange {
  method: string;
  /** Normalised path. */
  path: string;
  query: URLSearchParams;
  requestId: string;
  clientAddress: string;
  /**
   * As the client sent them, in their order, without those that are Kong's to set. Plugins change
   * what goes upstream.
   */
  headers: HeaderList;
  /** Set by jwt. */
  consumer: Row | null;
  credential: Row | null;
  /** What plugins add to the answer, also to one of Kong itself. */
  responseHeaders: Record<string, string>;
}

/**
 * A plugin of the proxy. `access` may end the request with an answer, `headers` runs for every
 * answer.
 */
export interface ProxyPlugin {
  priority: number;
  access(exchange: Exchange, config: PluginConfig): ProxyAnswer | undefined;
  headers?(exchange: Exchange, config: PluginConfig): void;
}

export type PluginConfig = Record<string, unknown>;

/** Ends a request where Kong's Lua code throws: 500. */
export class PluginCrash extends Error {}

/** Header lines in their order; names are compared without regard to case. */
export class HeaderList {
  constructor(private lines: [name: string, value: string][]) {}

  static fromRaw(raw: string[]): HeaderList {
    const lines: [string, string][] = [];
    for (let i = 0; i < raw.length; i += 2) lines.push([raw[i]!, raw[i + 1]!]);
    return new HeaderList(lines);
  }

  get(name: string): string | undefined {
    return this.lines.find(([given]) => same(given, name))?.[1];
  }

  all(name: string): string[] {
    return this.lines.filter(([given]) => same(given, name)).map(([, value]) => value);
  }

  remove(name: string): void {
    this.lines = this.lines.filter(([given]) => !same(given, name));
  }

  /**
   * Takes the place of the first line of that name, or comes last. Written as UTF-8 bytes, control
   * characters percent-encoded as nginx does.
   */
  set(name: string, value: string): void {
    const bytes = Buffer.from(value, 'utf8').toString('latin1');
    const escaped = bytes.replace(
      CONTROL_CHARACTERS,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
    const place = this.lines.findIndex(([given]) => same(given, name));
    this.remove(name);
    this.lines.splice(place < 0 ? this.lines.length : place, 0, [name, escaped]);
  }

  entries(): readonly [name: string, value: string][] {
    return this.lines;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to be escaped
const CONTROL_CHARACTERS = /[\x00-\x08\x0a-\x1f\x7f]/g;

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
