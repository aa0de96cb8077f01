import { useSearchParams } from 'react-router';

type Turn = 'first' | 'previous' | 'next' | 'last';
type Cursors = { startCursor: string | null; endCursor: string | null };

/** A page of a connection and its filters, in the address of the page: they can be linked, and "back" works. */
export function useCursorSearch(size: number) {
  const [params, setParams] = useSearchParams();
  const { after, before, from, ...filters } = Object.fromEntries(params);
  const isBackward = before !== undefined || from === 'end';

  const variables = isBackward ? { last: size, before } : { first: size, after };

  const turn = (to: Turn, { startCursor, endCursor }: Cursors) => {
    const places: Record<Turn, Record<string, string>> = {
      first: {},
      last: { from: 'end' },
      previous: startCursor ? { before: startCursor } : {},
      next: endCursor ? { after: endCursor } : {},
    };
    setParams({ ...filters, ...places[to] });
  };

  /** A new filter begins at the first page. */
  const filter = (changes: Record<string, string | null | undefined>) =>
    setParams(
      Object.fromEntries(
        Object.entries({ ...filters, ...changes }).filter((entry): entry is [string, string] => !!entry[1]),
      ),
      { replace: true },
    );

  return { filters: filters as Partial<Record<string, string>>, variables, turn, filter };
}
