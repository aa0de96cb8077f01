import { useQuery } from '@apollo/client/react';
import { MultiSelect, type MultiSelectProps } from '@mantine/core';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { RoleNamesDocument } from '../../generated/operations';

/** Names of roles, for those who may read them. */
export function RolesInput(props: MultiSelectProps) {
  const { t } = useTranslation();
  const canRead = useHasScope('READ_ROLES');
  const { data } = useQuery(RoleNamesDocument, { skip: !canRead, fetchPolicy: 'cache-first' });
  if (!canRead) return null;
  return (
    <MultiSelect label={t('field.roles')} data={data?.roles?.map(({ name }) => name) ?? []} searchable {...props} />
  );
}
