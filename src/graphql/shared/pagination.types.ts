import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The position of a page in its connection (Relay cursor connections).' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more items follow.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether items precede the page.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge: the `after` of the next page.' })
  endCursor!: string | null;
}

interface Page {
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  nodes: Node[];
  pageInfo: PageInfo;
}

export const connection = <Node>(nodes: Node[], page: Page): Connection<Node> => ({
  edges: nodes.map((node, i) => ({ cursor: page.cursors[i]!, node })),
  nodes,
  pageInfo: pageInfo(page),
});

/** The info of a page with these cursors. */
function pageInfo(page: Page): PageInfo {
  return {
    hasNextPage: page.hasNextPage,
    hasPreviousPage: page.hasPreviousPage,
    startCursor: page.cursors[0] ?? null,
    endCursor: page.cursors.at(-1) ?? null,
  };
}
