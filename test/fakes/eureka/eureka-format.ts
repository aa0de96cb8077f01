import { isRecord, type RegisteredInstance } from './eureka-registry';

/** One `application` for each name, as GET /apps lists them. */
export function applicationsOf(instances: RegisteredInstance[]): Record<string, unknown> {
  const names = [...new Set(instances.map(({ app }) => app))].sort();
  return {
    versions__delta: '1',
    apps__hashcode: hashcodeOf(instances),
    application: names.map((name) => ({ name, instance: instances.filter(({ app }) => app === name) })),
  };
}

/**
 * `UP_2_OUT_OF_SERVICE_1_`: how many instances have each status; clients compare it with their own
 * count.
 */
function hashcodeOf(instances: RegisteredInstance[]): string {
  const counts = new Map<string, number>();
  for (const { status } of instances) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([status, count]) => `${status}_${count}_`)
    .join('');
}

/**
 * Eureka's XML as far as JSON says the same: `$` is the text of an element, `@name` an attribute,
 * an array repeats the element.
 */
export function toXml(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => toXml(name, each)).join('');
  if (!isRecord(value)) return `<${name}>${escapeXml(String(value))}</${name}>`;
  const members = Object.entries(value);
  const attributes = members
    .filter(([key]) => key.startsWith('@'))
    .map(([key, text]) => ` ${key.slice(1)}="${escapeXml(String(text))}"`);
  const content = members
    .filter(([key]) => !key.startsWith('@'))
    .map(([key, each]) => (key === '$' ? escapeXml(String(each)) : toXml(key, each)));
  return `<${name}${attributes.join('')}>${content.join('')}</${name}>`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
