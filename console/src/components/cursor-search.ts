import { useAddressFilters } from './use-address-filters';

type Turn = 'first' | 'previous' | 'next' | 'last';
type Cursors = { startCursor: string | null; endCursor: string | null };

/** A page of a connection and its filters, in the address of the page: "back" turns back. */
export function useCursorSearch(size: number) {
  const { filters: all, change, setParams } = useAddressFilters();
  const { after, before, page, ...filters } = all;
  const isBackward = before !== undefined || page === 'last';

  const variables = isBackward ? { last: size, before } : { first: size, after };

  const turn = (to: Turn, { startCursor, endCursor }: Cursors) => {
    const places: Record<Turn, Record<string, string>> = {
      first: {},
      last: { page: 'last' },
      previous: startCursor ? { before: startCursor } : {},
      next: endCursor ? { after: endCursor } : {},
    };
    setParams({ ...(filters as Record<string, string>), ...places[to] });
  };

  /** A new filter begins at the first page. */
  const filter = (changes: Record<string, string | null | undefined>) =>
    change({ ...changes, after: null, before: null, page: null });

  return { filters, variables, turn, filter };
}
