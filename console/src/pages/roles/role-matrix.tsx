import { useMutation } from '@apollo/client/react';
import { Checkbox, Group, Table, Text, Tooltip } from '@mantine/core';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import {
  AddRolePermissionDocument,
  type RoleMatrixQuery,
  TakeRolePermissionDocument,
} from '../../generated/operations';
import { operationsOf } from './operations-of';
import { PermissionMenu } from './permission-menu';
import { RoleMenu } from './role-menu';

type Role = NonNullable<RoleMatrixQuery['roles']>[number];
type Permission = NonNullable<RoleMatrixQuery['permissions']>[number];

export function RoleMatrix({ roles, permissions }: { roles: Role[]; permissions: Permission[] }) {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer
      minWidth={220 + roles.length * 120}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('roles.matrix'), role: 'region' } }}
    >
      <Table withTableBorder highlightOnHover verticalSpacing={6} aria-label={t('roles.matrix')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('roles.permission')}</Table.Th>
            {roles.map((role) => (
              <Table.Th key={role.id} scope="col" ta="center">
                <Group gap={4} justify="center" wrap="nowrap">
                  <Tooltip label={role.description || role.name} events={{ hover: true, focus: true, touch: true }}>
                    <Text span fw={650} size="sm">
                      {role.name}
                    </Text>
                  </Tooltip>
                  <RoleMenu role={role} />
                </Group>
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {permissions.map((permission) => (
            <Table.Tr key={permission.name}>
              <Table.Th scope="row" fw={400} miw={220}>
                <Group gap={4} justify="space-between" wrap="nowrap" align="flex-start">
                  <div>
                    <Text size="sm" fw={600}>
                      {permission.name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {operationsOf(permission.name).join(', ') || permission.description}
                    </Text>
                  </div>
                  <PermissionMenu
                    name={permission.name}
                    roleCount={
                      roles.filter((role) => role.permissions.some(({ name }) => name === permission.name)).length
                    }
                  />
                </Group>
              </Table.Th>
              {roles.map((role) => (
                <Table.Td key={role.id} ta="center">
                  <Cell role={role} permission={permission} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Cell({ role, permission: { name } }: { role: Role; permission: Permission }) {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const canGrant = useHasScope('GRANT_PERMISSION');
  const [add] = useMutation(AddRolePermissionDocument);
  const [take] = useMutation(TakeRolePermissionDocument);
  const isHeld = role.permissions.some((permission) => permission.name === name);
  const variables = { input: { role: role.name, permission: name } };
  const subject = { role: role.name, permission: name };

  const payload = (permissions: Role['permissions']) => ({
    __typename: 'RolePayload' as const,
    role: { ...role, permissions },
  });
  const grant = () =>
    void act(
      () =>
        add({
          variables,
          optimisticResponse: {
            grantPermission: payload([...role.permissions, { __typename: 'Permission', name } as { name: string }]),
          },
        }),
      t('roles.granted', subject),
    );
  const revoke = () =>
    confirm({
      title: t('roles.revokeTitle', subject),
      consequence: t('roles.revokeConsequence', subject),
      action: t('roles.revoke'),
      onConfirm: () => void act(() => take({ variables }), t('roles.revoked', subject)),
    });

  return (
    <Checkbox
      aria-label={t('roles.cell', subject)}
      checked={isHeld}
      disabled={!canGrant}
      onChange={() => (isHeld ? revoke() : grant())}
      styles={{ body: { justifyContent: 'center' } }}
    />
  );
}
