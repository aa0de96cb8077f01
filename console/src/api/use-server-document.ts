import { useCallback, useEffect, useState } from 'react';
import { apiUrl } from './address';

interface ServerDocument<T> {
  data?: T;
  error?: unknown;
}

/** A public document of the server that is not GraphQL, such as its keys; read again each `everyMs`. */
export function useServerDocument<T>(path: string, everyMs?: number) {
  const [state, setState] = useState<ServerDocument<T>>({});
  const load = useCallback(async () => {
    try {
      const response = await fetch(apiUrl(path));
      // the health of a server that is not ready comes with 503
      if (!response.ok && response.status !== 503) throw new Error(`HTTP ${response.status}`);
      setState({ data: (await response.json()) as T });
    } catch (error) {
      setState((known) => ({ ...known, error }));
    }
  }, [path]);
  useEffect(() => {
    void load();
    if (everyMs === undefined) return;
    const timer = setInterval(() => void load(), everyMs);
    return () => clearInterval(timer);
  }, [load, everyMs]);
  return { ...state, reload: () => void load() };
}
