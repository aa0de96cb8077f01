import type { runState } from './global-setup';

export default async function tearDown(): Promise<void> {
  await (globalThis as typeof runState).stopTestServices?.();
}
