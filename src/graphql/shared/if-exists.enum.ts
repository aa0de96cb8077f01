import { registerEnumType } from 'type-graphql';

export enum IfExists {
  REFUSE = 'REFUSE',
  REPLACE = 'REPLACE',
}

registerEnumType(IfExists, {
  name: 'IfExists',
  description: 'What happens when the name is taken.',
  valuesConfig: {
    REFUSE: { description: 'The operation fails with ROLE_NAME_TAKEN or PERMISSION_NAME_TAKEN.' },
    REPLACE: { description: 'The existing one is replaced by the input.' },
  },
});
