/** Kong's JSON encoder writes `/` as `\/`; with it a body has the recorded Content-Length. */
export function kongJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('/', '\\/');
}
