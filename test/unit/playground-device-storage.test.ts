import { DeviceStorage, type WebStorage } from '../../web/playground/device-storage';

const TRUST = 'graphiql:shouldPersistHeaders';

describe('what the playground keeps on the device', () => {
  test('is theme and layout, and nothing that may hold a password or token', () => {
    const device = new FakeDevice();
    const storage = new DeviceStorage(device);
    storage.setItem('graphiql:theme', 'dark');
    storage.setItem('graphiql:tabState', '{"tabs":[]}');
    storage.setItem('graphiql:queries', '{"queries":[]}');
    expect(device.content()).toEqual({ 'graphiql:theme': 'dark' });
    expect(storage.getItem('graphiql:tabState')).toBe('{"tabs":[]}');
    expect(storage.length).toBe(3);
  });

  test('is everything once the device is trusted, and is taken back when it no longer is', () => {
    const device = new FakeDevice();
    const storage = new DeviceStorage(device);
    storage.setItem('graphiql:tabState', 'tabs');
    storage.setItem(TRUST, 'true');
    storage.setItem('graphiql:headers', 'headers');
    expect(device.content()).toEqual({ 'graphiql:tabState': 'tabs', 'graphiql:headers': 'headers', [TRUST]: 'true' });
    expect(new DeviceStorage(device).getItem('graphiql:tabState')).toBe('tabs');

    storage.setItem(TRUST, 'false');
    expect(device.content()).toEqual({ [TRUST]: 'false' });
    expect(storage.getItem('graphiql:headers')).toBe('headers');
  });

  test('loses the remains of an untrusting visit at the next load, without touching what is not its own', () => {
    const device = new FakeDevice({
      'graphiql:variables': '{"password":"x"}',
      'graphiql:theme': 'light',
      other: 'application',
    });
    expect(new DeviceStorage(device).getItem('graphiql:variables')).toBeNull();
    expect(device.content()).toEqual({ 'graphiql:theme': 'light', other: 'application' });
  });

  test('is cleared and removed wherever it is', () => {
    const device = new FakeDevice({ other: 'application' });
    const storage = new DeviceStorage(device);
    storage.setItem('graphiql:theme', 'dark');
    storage.setItem('graphiql:query', '{ me }');
    storage.removeItem('graphiql:query');
    expect(storage.getItem('graphiql:query')).toBeNull();
    storage.clear();
    expect(device.content()).toEqual({ other: 'application' });
    expect(storage.length).toBe(0);
  });

  test('is nothing where the browser blocks storage', () => {
    const storage = new DeviceStorage(null);
    storage.setItem('graphiql:theme', 'dark');
    storage.setItem(TRUST, 'true');
    expect([storage.getItem('graphiql:theme'), storage.isTrusted, storage.length]).toEqual(['dark', false, 2]);
    storage.setItem('graphiql:theme', 'light');
    expect(storage.getItem('graphiql:theme')).toBe('light');
  });
});

class FakeDevice implements WebStorage {
  private readonly items: Map<string, string>;

  constructor(items: Record<string, string> = {}) {
    this.items = new Map(Object.entries(items));
  }

  get length(): number {
    return this.items.size;
  }

  key(index: number): string | null {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }

  content(): Record<string, string> {
    return Object.fromEntries(this.items);
  }
}
