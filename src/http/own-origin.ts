/** Whether a page of this origin comes from the host that it calls; a proxy may have ended its TLS. */
export const isOwnOrigin = (origin: string, host = ''): boolean =>
  origin === `http://${host}` || origin === `https://${host}`;
