import { useState } from 'react';

/** The way through a connection that is read forward only: the cursors of the pages before. */
export function useForwardPages() {
  const [way, setWay] = useState<(string | undefined)[]>([undefined]);
  const turn = (to: 'first' | 'previous' | 'next' | 'last', { endCursor }: { endCursor: string | null }) => {
    if (to === 'next' && endCursor) setWay([...way, endCursor]);
    else if (to === 'previous') setWay(way.slice(0, -1));
    else setWay([undefined]);
  };
  return { after: way.at(-1), hasPrevious: way.length > 1, turn, reset: () => setWay([undefined]) };
}
