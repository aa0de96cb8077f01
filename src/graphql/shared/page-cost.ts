/** What the cost of a field with rows depends on. */
interface Selection {
  args: { first?: number | null; last?: number | null };
  childComplexity: number;
}

interface PageSizes {
  /** Rows when the size is not given. */
  size: number;
  max: number;
  /** What a row costs besides its fields. */
  row?: number;
}

/**
 * A page costs as much as its rows together; what is asked of the connection itself is multiplied
 * with them.
 */
export const pageCost =
  ({ size, max, row = 0 }: PageSizes) =>
  ({ args, childComplexity }: Selection): number =>
    1 + Math.max(0, Math.min(max, args.first ?? args.last ?? size)) * (row + childComplexity);

/** Roles and permissions are few, and their lists have no pages. */
const USUAL_ITEMS = 10;

/** A list without pages costs as much as its usual number of items. */
export const listCost = ({ childComplexity }: Selection): number => 1 + USUAL_ITEMS * childComplexity;
