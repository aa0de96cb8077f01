/**
 * The text of an example's variables editor: the example value where there is one, cut to what the
 * schema knows, and an empty value of the right kind for everything else that is required.
 *
 * @returns {string} indented JSON, or '' when the operation needs no variables
 */
export function variablesFor({ operation, schema, exampleArguments }) {
  const types = new Map((schema?.definitions ?? []).map((definition) => [definition.name?.value, definition]));
  const examples = new Map();
  for (const field of operation.selectionSet.selections) {
    for (const argument of field.arguments ?? [])
      collect(argument.value, exampleArguments[field.name.value]?.[argument.name.value], examples);
  }
  const entries = operation.variableDefinitions.flatMap(({ variable, type, defaultValue }) => {
    const example = examples.get(variable.name.value);
    const required = type.kind === 'NonNullType' && !defaultValue;
    return example === undefined && !required ? [] : [[variable.name.value, valueFor(type, example, types)]];
  });
  return entries.length > 0 ? JSON.stringify(Object.fromEntries(entries), null, 2) : '';
}

/**
 * Follows `input: { username: $name }` and `input: $input` alike, so the example does not depend on
 * how the document passes it.
 */
function collect(node, example, examples) {
  if (node.kind === 'Variable' && example !== undefined) examples.set(node.name.value, example);
  if (node.kind === 'ObjectValue')
    for (const field of node.fields) collect(field.value, example?.[field.name.value], examples);
}

function valueFor(type, example, types, depth = 0) {
  if (type.kind === 'NonNullType') return valueFor(type.type, example, types, depth);
  if (type.kind === 'ListType') return example ?? [];
  const definition = types.get(type.name.value);
  if (definition?.kind !== 'InputObjectTypeDefinition') return example ?? emptyValue(type.name.value, definition);
  if (depth > 5) return {}; // an input type may contain itself
  const fields = (definition.fields ?? []).flatMap((field) => {
    const given = example?.[field.name.value];
    const required = field.type.kind === 'NonNullType' && !field.defaultValue;
    return given === undefined && !required ? [] : [[field.name.value, valueFor(field.type, given, types, depth + 1)]];
  });
  return Object.fromEntries(fields);
}

function emptyValue(name, definition) {
  if (definition?.kind === 'EnumTypeDefinition') return definition.values?.[0]?.name.value ?? '';
  if (name === 'Int' || name === 'Float') return 0;
  if (name === 'Boolean') return false;
  return name.endsWith('Input') ? {} : '';
}
