import { type DocumentNode, Kind } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Operation } from './operation';

/** A request body that needs nothing from Apollo: its text is known and nothing else is asked. */
export interface KnownRequest {
  readonly operation: Operation;
  readonly variables: Record<string, unknown> | undefined;
}

/**
 * The operations that Apollo Server has parsed, validated and accepted, by their exact text.
 * Documents of several operations, persisted queries and batches always go to Apollo.
 */
export class DocumentCache {
  private readonly operations = new LRUCache<string, Operation>({
    max: 2000,
    maxSize: 4_000_000,
    sizeCalculation: (_operation, text) => text.length + 1,
  });

  /** Keeps an accepted document. @returns the operation that it runs */
  add(text: string, document: DocumentNode, name: string | undefined): Operation {
    const operation = { document, name };
    if (document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length === 1)
      this.operations.set(text, operation);
    return operation;
  }

  /** The known operation that the body of a POST asks for; null when Apollo has to read the body. */
  find(body: unknown): KnownRequest | null {
    if (typeof body !== 'object' || body === null) return null;
    const { query, variables, operationName, extensions } = body as Record<string, unknown>;
    const operation = typeof query === 'string' ? this.operations.get(query) : undefined;
    if (!operation) return null;
    if (!isRecordOrMissing(variables) || !isRecordOrMissing(extensions) || extensions?.persistedQuery) return null;
    if (operationName !== undefined && operationName !== null && operationName !== operation.name) return null;
    return { operation, variables: variables ?? undefined };
  }
}

const isRecordOrMissing = (value: unknown): value is Record<string, unknown> | null | undefined =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value));
