import DataLoader from 'dataloader';
import type { UserReader } from '../services/user-reader';
import type { UserView } from '../services/user-view';

/** One set per request: whatever names users by id fetches them together. */
export interface Loaders {
  user: DataLoader<string, UserView | null>;
}

export function createLoaders(users: UserReader): Loaders {
  return { user: new DataLoader((ids) => users.findMany(ids), { maxBatchSize: 1000 }) };
}
