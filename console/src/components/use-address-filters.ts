import { useSearchParams } from 'react-router';

type Filters = Partial<Record<string, string>>;

/** The query of the page's address: it can be linked, and is there again after a reload. */
export function useAddressFilters() {
  const [params, setParams] = useSearchParams();
  const filters: Filters = Object.fromEntries(params);

  /** Members that are empty are taken out. */
  const change = (changes: Record<string, string | null | undefined>) => {
    // of the address itself: the page may not have rendered since the last change
    const current = Object.fromEntries(new URLSearchParams(window.location.search));
    const all = Object.entries({ ...current, ...changes });
    setParams(Object.fromEntries(all.filter((entry): entry is [string, string] => !!entry[1])), { replace: true });
  };

  return { filters, change, setParams };
}
