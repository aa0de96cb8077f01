import { registerEnumType } from 'type-graphql';

export enum IfExists {
  REFUSE = 'REFUSE',
  REPLACE = 'REPLACE',
}

registerEnumType(IfExists, {
  name: 'IfExists',
  description: 'What to do when the name is taken.',
  valuesConfig: {
    REFUSE: { description: 'Fail with ..._NAME_TAKEN.' },
    REPLACE: { description: 'Give the one that exists the members of the input.' },
  },
});
