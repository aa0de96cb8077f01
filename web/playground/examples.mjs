import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, Source, visit } from 'graphql';
import { builtInOperations, exampleArguments, teachingOrder } from './example-values.mjs';
import { variablesFor } from './example-variables.mjs';

/**
 * Reads the operation documents that the REST routes, the tests and the clients share, so that the
 * examples can not drift from the API. Each operation becomes one example with the fragments it
 * needs, from whichever file they are in.
 *
 * @param {{ operationsDir: string, schemaFile: string }} paths both may be absent
 * @returns {{ name: string, kind: string, query: string, variables: string, tab: boolean }[]} in
 *   teaching order; `tab` marks those that are open from the start
 * @throws Error, with file and line, when a document does not parse
 */
export function loadExamples({ operationsDir, schemaFile }) {
  const found = readDocuments(operationsDir);
  const documents = found.length > 0 ? found : [parse(builtInOperations)];
  const schema = existsSync(schemaFile) ? parse(readFileSync(schemaFile, 'utf8')) : null;
  const definitions = documents.flatMap(definitionsOf);
  const fragments = new Map(
    definitions.filter(({ node }) => node.kind === 'FragmentDefinition').map((it) => [it.node.name.value, it]),
  );
  const examples = definitions
    .filter(({ node }) => node.kind === 'OperationDefinition')
    .map(({ node, text }) => {
      const field = node.selectionSet.selections.find(({ kind }) => kind === 'Field')?.name.value ?? '';
      const name = node.name?.value ?? field;
      const query = [text, ...fragmentsOf(node, fragments).map((it) => it.text)].join('\n\n');
      return {
        name,
        kind: node.operation,
        field,
        query,
        variables: variablesFor({ operation: node, schema, exampleArguments }),
      };
    });
  return inTeachingOrder(examples);
}

function readDocuments(folder) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.graphql') && !file.startsWith('console')) // those are for one application
    .sort();
  return files.map((file) => parseFile(path.join(folder, file), file));
}

function parseFile(file, name) {
  try {
    return parse(new Source(readFileSync(file, 'utf8'), name));
  } catch (cause) {
    throw new Error(`${name}:${cause.locations?.[0]?.line ?? ''}: ${cause.message}`, { cause });
  }
}

/** The definitions of a document, each with its own text, comments above it included. */
function definitionsOf(document) {
  const { body } = document.loc.source;
  return document.definitions.map((node, index) => {
    const start = index === 0 ? 0 : document.definitions[index - 1].loc.end;
    return { node, text: body.slice(start, node.loc.end).trim() };
  });
}

function fragmentsOf(definition, fragments, seen = new Set()) {
  visit(definition, {
    FragmentSpread({ name: { value } }) {
      const fragment = fragments.get(value);
      if (!fragment || seen.has(fragment)) return;
      seen.add(fragment);
      fragmentsOf(fragment.node, fragments, seen);
    },
  });
  return [...seen];
}

/**
 * One tab per step of the lesson: the operation named like its field when several share one; all
 * others by name, behind them.
 */
function inTeachingOrder(examples) {
  const byName = [...examples].sort((a, b) => a.name.localeCompare(b.name));
  const tabs = teachingOrder.flatMap((field) => {
    const candidates = byName.filter((example) => example.field === field);
    return candidates.find(({ name }) => name.toLowerCase() === field.toLowerCase()) ?? candidates[0] ?? [];
  });
  const rest = byName.filter((example) => !tabs.includes(example));
  return [...tabs, ...rest].map(({ field, ...example }) => ({
    ...example,
    tab: tabs.some(({ name }) => name === example.name),
  }));
}
