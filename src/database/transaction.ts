import type { SqlEntityManager } from '@mikro-orm/postgresql';

/**
 * Runs `work` in a transaction with entities of its own, which are forgotten with it. The entity
 * manager that lives as long as the process would keep every entity it has ever seen, and authorize
 * by what others have changed since.
 */
export function inTransaction<T>(em: SqlEntityManager, work: (em: SqlEntityManager) => Promise<T>): Promise<T> {
  return em.fork({ useContext: false }).transactional(work);
}
