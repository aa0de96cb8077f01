import '../runtime/node-version';
import 'reflect-metadata';
import { runAsProcess } from './account-transfer/command';
import { sessionsRevokeCommand } from './sessions-revoke-command';

void runAsProcess('revocation', sessionsRevokeCommand);
