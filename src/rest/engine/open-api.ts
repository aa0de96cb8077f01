import { type Contract, type Port, rowsOf } from './contract';
import { capitalized, type Json, OperationDescription } from './open-api-operation';

export interface OpenApiOptions {
  contracts: readonly Contract[];
  version: string;
  /** The addresses of the two ports; without a gateway port its paths are left out. */
  servers: { readonly main: string; readonly gateway: string | null };
  /** Path items of the server that belong to no contract. */
  otherPaths: Readonly<Record<string, Json>>;
}

const GATEWAY_TAG = 'Gateway port';

const DESCRIPTION = `The REST channels. Each operation is one of the GraphQL API, with the same scopes, limits and
validation.

Each channel accepts its own kind of token: log in with the operation of that channel first.`;

/** The OpenAPI 3.1 description of everything that the two ports serve, made from the rows of the contracts. */
export function openApiDocument({ contracts, version, servers, otherPaths }: OpenApiOptions): Json {
  const document = new DocumentBuilder(servers);
  for (const contract of contracts) document.addRows(contract, 'main');
  document.addPaths(otherPaths);
  if (servers.gateway !== null) for (const contract of contracts) document.addRows(contract, 'gateway');
  const { paths, schemas, tags } = document;
  return {
    openapi: '3.1.0',
    info: { title: 'Identity server', version, description: DESCRIPTION },
    servers: [{ url: servers.main }],
    tags: [...tags].map((name) => ({
      name,
      ...(name === GATEWAY_TAG && {
        description: 'The identity paths once more, as the gateway of their contract has them',
      }),
    })),
    paths,
    components: {
      schemas,
      securitySchemes: Object.fromEntries(
        contracts.map(({ bearer: { name, description } }) => [
          name,
          { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description },
        ]),
      ),
    },
  };
}

class DocumentBuilder {
  readonly paths: Record<string, Json> = {};
  readonly schemas: Json = {};
  readonly tags = new Set<string>();

  constructor(private readonly servers: OpenApiOptions['servers']) {}

  addPaths(paths: OpenApiOptions['otherPaths']): void {
    Object.assign(this.paths, paths);
    const operations = Object.values(paths).flatMap((item) => Object.values(item)) as { tags: string[] }[];
    for (const tag of operations.flatMap(({ tags }) => tags)) this.tags.add(tag);
  }

  addRows(contract: Contract, port: Port): void {
    const servers = port === 'gateway' && { servers: [{ url: this.servers.gateway }] };
    for (const mount of contract.mounts[port]) {
      for (const { path: template, route } of rowsOf(mount, contract.routes)) {
        const path = template.replace(/:(\w+)/g, '{$1}');
        const method = route.method.toLowerCase();
        const known = this.paths[path];
        if (known?.[method]) {
          // the same row at both ports
          known.servers = [{ url: this.servers.main }, { url: this.servers.gateway }];
          continue;
        }
        const operation = new OperationDescription(route, contract, this.schemas).toJson();
        const { operationIdPrefix } = mount;
        if (operationIdPrefix !== undefined) {
          operation.operationId = operationIdPrefix + capitalized(route.operationId);
          operation.tags = [GATEWAY_TAG];
        }
        for (const tag of operation.tags as string[]) this.tags.add(tag);
        this.paths[path] = { ...servers, ...known, [method]: operation };
      }
    }
  }
}
