// Writes the typed documents that codegen.yml names, without the command line of GraphQL Code Generator,
// which brings many packages of its own.
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import { parse as parseYaml } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file) => readFileSync(path.join(root, file), 'utf8');
const available = { 'typescript-operations': typescriptOperations, 'typed-document-node': typedDocumentNode };

const { schema, generates } = parseYaml(read('codegen.yml'));
for (const [file, { documents, plugins, config }] of Object.entries(generates)) {
  const filename = path.join(root, file);
  const text = await codegen({
    filename,
    schema: parse(read(schema)),
    documents: globSync(documents, { cwd: root })
      .sort()
      .map((location) => ({ location: path.join(root, location), document: parse(read(location)) })),
    plugins: plugins.map((name) => ({ [name]: {} })),
    pluginMap: available,
    config,
  });
  mkdirSync(path.dirname(filename), { recursive: true });
  writeFileSync(filename, text);
}
