import type { EmbeddedStage } from '../stage/embedded-stage';
import { diskFull } from './disk-full';
import { embeddedKilled } from './embedded-killed';
import type { Fault } from './fault';
import { kongHung, kongStopped } from './kong-away';
import { mailStopped } from './mail-stopped';
import { postgresHung } from './postgres-hung';
import { postgresOutOfConnections } from './postgres-out-of-connections';
import { postgresReadOnly } from './postgres-read-only';
import { postgresRestarted } from './postgres-restarted';
import { postgresStopped } from './postgres-stopped';
import { redisFlushed } from './redis-flushed';
import { redisHung } from './redis-hung';
import { redisSlow } from './redis-slow';
import { redisStopped } from './redis-stopped';

export const faults: readonly Fault[] = [
  redisStopped,
  redisHung,
  redisFlushed,
  redisSlow,
  postgresStopped,
  postgresHung,
  postgresRestarted,
  postgresOutOfConnections,
  postgresReadOnly,
  kongStopped,
  kongHung,
  mailStopped,
];

export const embeddedFaults: readonly Fault<EmbeddedStage>[] = [embeddedKilled, diskFull];
