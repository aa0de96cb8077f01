/** Where the API is: beside the console, also behind a path prefix. */
export const apiUrl = (path: string): string =>
  new URL(import.meta.env.DEV ? `/${path}` : `../${path}`, document.baseURI).href;
