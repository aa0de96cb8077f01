import { type Fields, type KongSetupOptions, planKong, SETUP_TAG } from './kong-setup-plan';

/**
 * What kong:setup makes, as a declarative configuration for `deck` and for a Kong without a
 * database (format 3.0, Kong 3.x).
 */
export function declarativeConfig(options: KongSetupOptions): string {
  const plugin = ({ name, config }: { name: string; config: Fields }) => tagged({ name, enabled: true, config });
  const services = planKong(options).map(({ name, fields, plugins, routes }) =>
    tagged({
      name,
      ...fields,
      plugins: plugins.map(plugin),
      routes: routes.map((route) => tagged({ name: route.name, ...route.fields, plugins: route.plugins.map(plugin) })),
    }),
  );
  return `${yaml({ _format_version: '3.0', services }, '')}\n`;
}

const tagged = (fields: Fields): Fields => ({ ...fields, tags: [SETUP_TAG] });

/** Block style for objects and lists of them; JSON, which is YAML too, for everything else. */
function yaml(value: unknown, indent: string): string {
  if (Array.isArray(value) && value.some(isObject))
    return value.map((item) => `${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join('\n');
  if (!isObject(value)) return JSON.stringify(value);
  return Object.entries(value)
    .filter(([, member]) => member !== null && !(isObject(member) && Object.keys(member).length === 0))
    .map(([name, member]) => {
      const isBlock = isObject(member) || (Array.isArray(member) && member.some(isObject));
      return `${indent}${name}:${isBlock ? '\n' : ' '}${yaml(member, isBlock ? `${indent}  ` : '')}`;
    })
    .join('\n');
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
