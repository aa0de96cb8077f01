import { useMutation } from '@apollo/client/react';
import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { KebabHorizontalIcon } from '@primer/octicons-react';
import { useHasScope } from 'graphql-identity-client/react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { focusOpener } from '../../components/focus-opener';
import { useAction } from '../../components/use-action';
import { useConfirm } from '../../components/use-confirm';
import { DeleteRoleDocument, RoleMatrixDocument, type RoleMatrixQuery } from '../../generated/operations';
import { RoleDialog } from './role-dialog';

type Role = NonNullable<RoleMatrixQuery['roles']>[number];

export function RoleMenu({ role }: { role: Role }) {
  const { t } = useTranslation();
  const act = useAction();
  const confirm = useConfirm();
  const canEdit = useHasScope('UPDATE_ROLE');
  const canDelete = useHasScope('DELETE_ROLE') && role.name !== 'ADMIN';
  const canListUsers = useHasScope('READ_USERS');
  const [isEditing, dialog] = useDisclosure();
  const [remove] = useMutation(DeleteRoleDocument, { refetchQueries: [RoleMatrixDocument] });
  const { name } = role;

  const edit = () => {
    focusOpener();
    dialog.open();
  };

  const askDelete = () =>
    confirm({
      title: t('roles.deleteTitle', { name }),
      consequence: t('roles.deleteConsequence'),
      action: t('roles.delete'),
      onConfirm: () => void act(() => remove({ variables: { input: { name } } }), t('roles.deleted', { name })),
    });

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('roles.actions', { name })}>
            <KebabHorizontalIcon />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {canListUsers && (
            <Menu.Item component={Link} to={`/users?role=${encodeURIComponent(name)}`}>
              {t('roles.holders')}
            </Menu.Item>
          )}
          {canEdit && <Menu.Item onClick={edit}>{t('roles.edit')}</Menu.Item>}
          {canDelete && (
            <Menu.Item color="red" onClick={askDelete}>
              {t('roles.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <RoleDialog role={role} isOpen={isEditing} onClose={dialog.close} />
    </>
  );
}
