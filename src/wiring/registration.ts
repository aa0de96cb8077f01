import { EurekaClient } from '../integrations/eureka/eureka-client';
import { findLocalAddress } from '../integrations/eureka/local-address';
import type { Infrastructure } from './infrastructure';

/** Lists this process in Eureka; with no server configured the client stays off. */
export class Registration {
  private client: EurekaClient | undefined;

  constructor(private readonly infrastructure: Infrastructure) {}

  isUp(): boolean {
    return this.client?.status() === 'up';
  }

  /** Begins to register, once the port is open. */
  start(port: number): void {
    const { config, logger, clock, onClose } = this.infrastructure;
    const { hostName, ipAddress } = findLocalAddress();
    const client = new EurekaClient({
      eurekaUrl: config.eureka.urls.join(','),
      appName: 'AUTH-SERVICE',
      hostName: config.eureka.hostname ?? hostName,
      ipAddress,
      port,
      healthPath: '/health/ready',
      logger,
      clock,
    });
    client.start();
    this.client = client;
    // added last, so it runs first: gateways must stop sending requests before the ports close
    onClose(() => client.stop());
  }
}
