/** The part of the browser's Storage that is used here. */
export interface WebStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PREFIX = 'graphiql:';
const TRUST = `${PREFIX}shouldPersistHeaders`;
const LAYOUT = ['theme', 'visiblePlugin', 'docExplorerFlex', 'editorFlex', 'secondaryEditorFlex'].map(
  (name) => PREFIX + name,
);

/**
 * What GraphiQL may keep. Left to itself it writes queries and variables to localStorage, and here
 * these hold passwords and tokens. So only theme and layout stay on the device; tabs, variables,
 * headers and history live in the page's memory and a reload starts afresh, until the user says
 * in Settings ("Persist headers") that the device is trusted.
 */
export class DeviceStorage {
  private readonly memory = new Map<string, string>();

  /** @param device the browser's localStorage, or null where it is blocked */
  constructor(private readonly device: WebStorage | null) {
    if (!this.isTrusted) for (const key of this.secretKeysOnDevice()) this.device?.removeItem(key);
  }

  /** True when the owner of the device chose to keep everything. */
  get isTrusted(): boolean {
    return this.device?.getItem(TRUST) === 'true';
  }

  get length(): number {
    return this.memory.size + this.keysOnDevice().length;
  }

  getItem(key: string): string | null {
    return this.isKept(key) ? (this.device?.getItem(key) ?? null) : (this.memory.get(key) ?? null);
  }

  setItem(key: string, value: string): void {
    if (this.isKept(key)) this.device?.setItem(key, value);
    else this.memory.set(key, value);
    if (key === TRUST) this.move();
  }

  removeItem(key: string): void {
    this.memory.delete(key);
    this.device?.removeItem(key);
  }

  clear(): void {
    this.memory.clear();
    for (const key of this.keysOnDevice()) this.device?.removeItem(key);
  }

  private isKept(key: string): boolean {
    return this.device !== null && (key === TRUST || LAYOUT.includes(key) || this.isTrusted);
  }

  /** After the choice changed: what is there already follows it, in either direction. */
  private move(): void {
    if (this.isTrusted) {
      for (const [key, value] of this.memory) this.device?.setItem(key, value);
      this.memory.clear();
      return;
    }
    for (const key of this.secretKeysOnDevice()) {
      this.memory.set(key, this.device?.getItem(key) ?? '');
      this.device?.removeItem(key);
    }
  }

  private secretKeysOnDevice(): string[] {
    return this.keysOnDevice().filter((key) => key !== TRUST && !LAYOUT.includes(key));
  }

  private keysOnDevice(): string[] {
    const device = this.device;
    if (!device) return [];
    const keys = Array.from({ length: device.length }, (_, index) => device.key(index) ?? '');
    return keys.filter((key) => key.startsWith(PREFIX));
  }
}
