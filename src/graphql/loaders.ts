import DataLoader from 'dataloader';
import type { GraphqlContext } from './server/context';

/** Fetches for all ids at once; an id that is missing in the answer has nothing. */
export type Fetch<Value, Args> = (
  ids: readonly string[],
  args: Args,
  context: GraphqlContext,
) => Promise<ReadonlyMap<string, Value>>;

/**
 * Loads by id: what the objects of one level of an answer ask for is fetched in one call. A request
 * has a loader for each combination of arguments, made when a field first needs it.
 */
export class BatchLoader<Value, Args = undefined> {
  private readonly requests = new WeakMap<GraphqlContext, Map<string, DataLoader<string, Value | null>>>();

  constructor(private readonly fetch: Fetch<Value, Args>) {}

  /** Null where there is nothing for the id. */
  load(
    context: GraphqlContext,
    id: string,
    ...[args]: Args extends undefined ? [] : [args: Args]
  ): Promise<Value | null> {
    const loaders = this.requests.get(context) ?? new Map<string, DataLoader<string, Value | null>>();
    this.requests.set(context, loaders);
    const shape = JSON.stringify(args) ?? '';
    const loader = loaders.get(shape) ?? this.createLoader(context, args as Args);
    loaders.set(shape, loader);
    return loader.load(id);
  }

  private createLoader(context: GraphqlContext, args: Args): DataLoader<string, Value | null> {
    const loader = new DataLoader<string, Value | null>(async (ids) => {
      loader.clearAll(); // a later level, or mutation, of the request reads what is true then
      const values = await this.fetch(ids, args, context);
      return ids.map((id) => values.get(id) ?? null);
    });
    return loader;
  }
}
