import { useMutation } from '@apollo/client/react';
import { ActionIcon, Menu } from '@mantine/core';
import { KebabHorizontalIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import { DeletePermissionDocument, RoleMatrixDocument } from '../../generated/operations';
import { operationsOf } from './operations-of';

interface PermissionMenuProps {
  name: string;
  /** How many roles have it. */
  roleCount: number;
}

export function PermissionMenu({ name, roleCount }: PermissionMenuProps) {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const canDelete = useHasScope('DELETE_PERMISSION');
  const [remove] = useMutation(DeletePermissionDocument, { refetchQueries: [RoleMatrixDocument] });
  if (!canDelete) return null;

  const askDelete = () => {
    const operations = operationsOf(name).join(', ');
    confirm({
      title: t('roles.deletePermissionTitle', { name }),
      consequence: [
        t('roles.deletePermission', { count: roleCount }),
        ...(operations ? [t('roles.deletePermissionNeeded', { operations })] : []),
      ].join(' '),
      action: t('roles.delete'),
      onConfirm: () =>
        void act(() => remove({ variables: { input: { name } } }), t('roles.permissionDeleted', { name })),
    });
  };

  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('roles.actions', { name })}>
          <KebabHorizontalIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" onClick={askDelete}>
          {t('roles.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
