import { ActionIcon, Group, Table, Text, Tooltip } from '@mantine/core';
import { TrashIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import type { RoleMatrixQuery } from '../../generated/operations';
import { operationsOf } from './operations-of';
import { RoleMenu } from './role-menu';
import { useDeletePermission } from './use-delete-permission';
import { useRolePermission } from './use-role-permission';

type Role = NonNullable<RoleMatrixQuery['roles']>[number];
type Permission = NonNullable<RoleMatrixQuery['permissions']>[number];

export function RoleMatrix({ roles, permissions }: { roles: Role[]; permissions: Permission[] }) {
  const { t } = useTranslation();
  const canGrant = useHasScope('GRANT_PERMISSION');
  const canDelete = useHasScope('DELETE_PERMISSION');
  const change = useRolePermission();
  const askDelete = useDeletePermission();
  const heldBy = new Map(roles.map((role) => [role.id, new Set(role.permissions.map(({ name }) => name))]));
  const isHeld = (role: Role, name: string) => heldBy.get(role.id)?.has(name) === true;
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
          {permissions.map(({ name, description }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} miw={240}>
                <Group gap={4} justify="space-between" wrap="nowrap">
                  <div>
                    <Text size="sm" fw={600}>
                      {name}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {operationsOf(name).join(', ') || description}
                    </Text>
                  </div>
                  {canDelete && (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-label={t('roles.deletePermissionLabel', { name })}
                      onClick={() => askDelete(name, roles.filter((role) => isHeld(role, name)).length)}
                    >
                      <TrashIcon />
                    </ActionIcon>
                  )}
                </Group>
              </Table.Th>
              {roles.map((role) => (
                <td key={role.id} className="matrix-cell">
                  {/* of the browser: hundreds of the library's take a third of a second */}
                  <input
                    type="checkbox"
                    aria-label={t('roles.cell', { role: role.name, permission: name })}
                    checked={isHeld(role, name)}
                    disabled={!canGrant}
                    onChange={() => change(role, name)}
                  />
                </td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
