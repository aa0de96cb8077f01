/** The samples of a scrape, each under its name and labels as Prometheus writes them. */
export type Samples = ReadonlyMap<string, number>;

/** @param url with its path. @throws Error unless the answer is 200 */
export async function scrape(url: string, headers: Record<string, string> = {}): Promise<Samples> {
  const response = await fetch(url, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  return readSamples(text);
}

export function readSamples(text: string): Samples {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

/** What was added to each sample between two scrapes, for those that grew. */
export function grown(before: Samples, after: Samples, pattern: RegExp): Record<string, number> {
  const names = [...after.keys()].filter((name) => pattern.test(name));
  const changes = names.map((name) => [name, after.get(name)! - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
