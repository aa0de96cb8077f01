import { periodOf } from './period';
import { useAddressFilters } from './use-address-filters';
import { useForwardPages } from './use-forward-pages';

const PAGE_SIZE = 25;

/** A page of a history: its filters are in the address of the page, and its place is forgotten with it. */
export function useHistorySearch() {
  const { filters, change } = useAddressFilters();
  const { after, reset, ...pages } = useForwardPages();
  return {
    filters,
    variables: { first: PAGE_SIZE, after },
    at: periodOf(filters.from, filters.to),
    change: (changes: Record<string, string | null>) => {
      reset();
      change(changes);
    },
    ...pages,
  };
}

export type HistorySearch = ReturnType<typeof useHistorySearch>;
