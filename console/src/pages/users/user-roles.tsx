import { useMutation, useQuery } from '@apollo/client/react';
import { Box, MultiSelect, Text } from '@mantine/core';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { RoleBadges } from '../../components/role-badges';
import { Section } from '../../components/section';
import { useAction } from '../../components/use-action';
import {
  GiveRoleDocument,
  RoleNamesDocument,
  TakeRoleDocument,
  type UserDetailQuery,
} from '../../generated/operations';

type User = NonNullable<UserDetailQuery['user']>;

/** The roles of a user; a change counts at once, and is shown before the server has answered. */
export function UserRoles({ user }: { user: User }) {
  const { t } = useTranslation();
  const act = useAction();
  const canAssign = useHasScope('ASSIGN_ROLE');
  const canRead = useHasScope('READ_ROLES');
  const { data } = useQuery(RoleNamesDocument, { skip: !canRead || !canAssign });
  const [give] = useMutation(GiveRoleDocument);
  const [take] = useMutation(TakeRoleDocument);
  const held = user.roles.map(({ name }) => name);

  const change = (names: string[]) => {
    const added = names.find((name) => !held.includes(name));
    const removed = held.find((name) => !names.includes(name));
    const role = added ?? removed;
    if (!role) return;
    const known = data?.roles?.find(({ name }) => name === role);
    const roles = added
      ? [...user.roles, { __typename: 'Role' as const, id: known?.id ?? role, name: role }]
      : user.roles.filter(({ name }) => name !== role);
    const variables = { input: { userId: user.id, role } };
    const payload = { __typename: 'UserPayload' as const, user: { ...user, roles } };
    void act(
      () =>
        added
          ? give({ variables, optimisticResponse: { assignRole: payload } })
          : take({ variables, optimisticResponse: { unassignRole: payload } }),
      added ? t('user.roleGiven', { role }) : t('user.roleTaken', { role }),
    );
  };

  return (
    <Section title={t('field.roles')} lead={t('user.rolesLead')}>
      {canAssign && data?.roles ? (
        <MultiSelect
          aria-label={t('field.roles')}
          data={data.roles.map(({ name }) => name)}
          value={held}
          onChange={change}
          searchable
          placeholder={held.length === 0 ? t('user.noRoles') : undefined}
        />
      ) : (
        <RoleBadges roles={user.roles} />
      )}
      <Box mt="sm">
        <Text size="xs" c="dimmed">
          {t('user.scopes', { scopes: user.scopes.join(', ') || '—' })}
        </Text>
      </Box>
    </Section>
  );
}
