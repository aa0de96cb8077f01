import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Limits of one operation, with its fragments expanded. */
export const queryLimits = {
  depth: 12,
  aliases: 30,
  rootFields: 20,
  directives: 30,
  fields: 1000,
  tokens: 2000,
  cost: 100_000,
} as const;

/**
 * Rejects an operation that is too deep or too wide. Null takes the definition out of the
 * validation: other rules compare its fields with each other, in quadratic time.
 */
export function limitQuery(context: ValidationContext): ASTVisitor {
  let isReported = false;
  const limit = (definition: OperationDefinitionNode | FragmentDefinitionNode): null | undefined => {
    const excess = new SelectionCounter(context, definition).excess();
    if (!excess) return undefined;
    const extensions = { code: 'QUERY_TOO_COMPLEX' };
    if (!isReported)
      context.reportError(new GraphQLError(`The operation has ${excess}`, { nodes: definition, extensions }));
    isReported = true;
    return null;
  };
  return { OperationDefinition: limit, FragmentDefinition: limit };
}

/** The depth of introspection, whose usual query has more levels; its cost is limited. */
const UNLIMITED = Number.NEGATIVE_INFINITY;

class SelectionCounter {
  private readonly path: string[] = [];
  private readonly counts = { aliases: 0, rootFields: 0, directives: 0, fields: 0 };
  private found: string | undefined;

  constructor(
    private readonly context: ValidationContext,
    private readonly definition: OperationDefinitionNode | FragmentDefinitionNode,
  ) {}

  /** The first limit that is exceeded, in words. */
  excess(): string | undefined {
    const { definition } = this;
    const isOfIntrospection =
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__');
    this.visit(definition.selectionSet, isOfIntrospection ? UNLIMITED : 1);
    return this.found;
  }

  private visit(set: SelectionSetNode, depth: number): void {
    for (const selection of set.selections) {
      if (this.found) return;
      this.count('directives', selection.directives?.length ?? 0);
      if (selection.kind === Kind.FIELD) {
        this.count('fields', 1);
        if (selection.alias) this.count('aliases', 1);
        if (depth === 1 && this.definition.kind === Kind.OPERATION_DEFINITION) this.count('rootFields', 1);
        const levels = selection.name.value.startsWith('__') ? UNLIMITED : depth;
        if (levels > queryLimits.depth) this.found ??= `more than ${queryLimits.depth} levels`;
        if (selection.selectionSet) this.visit(selection.selectionSet, levels + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.visit(selection.selectionSet, depth);
      } else {
        this.visitFragment(selection.name.value, depth);
      }
    }
  }

  /** Ends at a fragment that spreads itself, which is another rule's error. */
  private visitFragment(name: string, depth: number): void {
    const fragment = this.context.getFragment(name);
    if (!fragment || this.path.includes(name)) return;
    this.path.push(name);
    this.visit(fragment.selectionSet, depth);
    this.path.pop();
  }

  private count(name: keyof SelectionCounter['counts'], by: number): void {
    this.counts[name] += by;
    if (this.counts[name] > queryLimits[name])
      this.found ??= `more than ${queryLimits[name]} ${name === 'rootFields' ? 'root fields' : name}`;
  }
}
