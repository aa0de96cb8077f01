import DataLoader from 'dataloader';
import type { UserQueries } from '../../services/users/user-queries';
import type { UserView } from '../../services/users/user-view';

/** One set per request: whatever names users by id fetches them together. */
export interface Loaders {
  user: DataLoader<string, UserView | null>;
}

export function createLoaders(users: UserQueries): Loaders {
  return { user: new DataLoader((ids) => users.findMany(ids), { maxBatchSize: 1000 }) };
}
